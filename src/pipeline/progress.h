// The steps of a diagnosis in the order in which they happen: reading this enum is reading the
// design.
#pragma once

#include <functional>

namespace seep::pipeline {

enum class Step {
  kOpenTarget,
  kReadDebugInformation,
  kFreeze,  ///< the only step during which the target stands still
  kReadSpans,
  kReadGoroutines,
  kReadReferences,
  kReadSpecials,
  kReleaseCopy,  ///< beyond this step the target is not touched again
  kInferTypes,
  kBuildGraph,
  kDominators,
  kAnalyze,
  kWatch,  ///< waiting for the next look
};

/// Called at the beginning of each step, from the thread that runs the pipeline. May be empty.
using ProgressCallback = std::function<void(Step)>;

/// "reading spans", for the line that people see while they wait.
const char* to_text(Step step);

}  // namespace seep::pipeline
