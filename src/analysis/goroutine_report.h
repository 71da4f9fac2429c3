// The groups of goroutines as a report: what each does, holds, and where it comes from.
#pragma once

#include "analysis/diagnosis.h"
#include "graph/object_graph.h"

namespace seep::analysis {

/// Largest retained size first among those that leak, then those that are stuck, then the rest; the
/// runtime's own last. The head is left for the caller.
GoroutineReport report_goroutines(const graph::ObjectGraph& graph,
                                  const std::vector<GoroutineGroup>& groups, bool leaked_only);

}  // namespace seep::analysis
