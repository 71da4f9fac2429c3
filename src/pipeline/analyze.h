// From a snapshot to what people read: the second of the two columns of steps (the first is
// capture.cc). Nothing here touches the target; a snapshot from a file gives the same answers.
#pragma once

#include <optional>
#include <string>

#include "analysis/diagnosis.h"
#include "analysis/growth.h"
#include "analysis/heap_question.h"
#include "base/result.h"
#include "pipeline/progress.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

struct AnalyzeOptions {
  std::string target;  ///< as the user named it
  ProgressCallback progress;
};

/// The guided diagnosis of one snapshot.
Result<analysis::Diagnosis> diagnose(const snapshot::Snapshot& snapshot,
                                     const AnalyzeOptions& options);

/// One of several looks at a process.
struct Look {
  analysis::Diagnosis diagnosis;
  std::optional<analysis::Milestone> milestone;  ///< for the looks after it
};

/// The same with what is known of earlier looks, if there were any.
Result<Look> diagnose_look(const snapshot::Snapshot& snapshot, const analysis::WatchRecord& before,
                           bool keep_milestone, const AnalyzeOptions& options);

/// kNotFound for a path to an address or type that is not in the heap.
Result<analysis::HeapReport> explain_heap(const snapshot::Snapshot& snapshot,
                                          const analysis::HeapQuestion& question,
                                          const AnalyzeOptions& options);

Result<analysis::GoroutineReport> explain_goroutines(const snapshot::Snapshot& snapshot,
                                                     bool leaked_only,
                                                     const AnalyzeOptions& options);

}  // namespace seep::pipeline
