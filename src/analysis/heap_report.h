// Answers to questions about a heap: rows, a tree, paths.
#pragma once

#include "analysis/diagnosis.h"
#include "analysis/evidence.h"
#include "analysis/heap_question.h"
#include "base/result.h"
#include "graph/reachability.h"

namespace seep::analysis {

/// `reachable` is from all roots. The head is left for the caller. kNotFound for a path to an
/// address or type, or rows of a type, that the heap does not have.
Result<HeapReport> report_heap(const Evidence& evidence, const graph::Reachability& reachable,
                               const HeapQuestion& question);

}  // namespace seep::analysis
