// The rows of a heap report, largest first.
#pragma once

#include <vector>

#include "analysis/diagnosis.h"
#include "analysis/evidence.h"
#include "graph/reachability.h"

namespace seep::analysis {

/// One row a package variable and one for all goroutines at one place. Exact: what a row retains
/// would go with it. The last row is what several of them reach.
std::vector<HeapRow> rows_by_holder(const Evidence& evidence);

/// One row a GC root. The last row is what several of them reach.
std::vector<HeapRow> rows_by_root(const Evidence& evidence);

/// One row a type: reachable objects, or garbage.
std::vector<HeapRow> rows_by_type(const Evidence& evidence, const graph::Reachability& reachable,
                                  bool garbage);

/// One row a stack that allocated, by the samples of the heap profile among reachable objects, or
/// among garbage. Counts and bytes are scaled up from the samples.
std::vector<HeapRow> rows_by_site(const Evidence& evidence, const graph::Reachability& reachable,
                                  bool garbage);

}  // namespace seep::analysis
