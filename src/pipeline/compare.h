// From two snapshots to what grew between them. Of the first only sums and the places of objects
// are kept, so that it is gone before the second is read.
#pragma once

#include "analysis/diff_report.h"
#include "analysis/heap_side.h"
#include "base/result.h"
#include "pipeline/analyze.h"

namespace seep::pipeline {

Result<analysis::HeapSide> summarize(const snapshot::Snapshot& snapshot,
                                     const AnalyzeOptions& options);

/// kInvalidArgument if both are of one process and `before` is the later one.
Result<analysis::DiffReport> compare(analysis::HeapSide before, const snapshot::Snapshot& after,
                                     const AnalyzeOptions& options);

}  // namespace seep::pipeline
