// Three looks at one process at equal distances, for what one look cannot tell: what grows. Of the
// first two only figures and the places of objects are kept, so that no two snapshots are in memory
// at once.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

#include "analysis/diagnosis.h"
#include "base/result.h"
#include "pipeline/analyze.h"
#include "pipeline/capture.h"

namespace seep::pipeline {

enum class WaitEnd {
  kDone,
  kStopped,  ///< the user wants the answer now
  kGone,     ///< the process has ended
};

/// Waits for so many seconds, or less. `look` is to be called now and then meanwhile, about once a
/// second; it is cheap.
using Wait = std::function<WaitEnd(double seconds, const std::function<void()>& look)>;

struct ThreeLooksOptions {
  AnalyzeOptions analyze;
  CaptureOptions capture;
  double seconds = 30;  ///< from the first look to the last
  Wait wait;            ///< wait_for_process as a rule; tests let the process work meanwhile
};

/// The diagnosis of the last look, with what grew. A process that ends meanwhile, or a user that
/// wants to wait no longer, gets the answer from what there is; the diagnosis says so. Fails like
/// capture() if there is nothing.
Result<analysis::Diagnosis> diagnose_over_time(pid_t pid, const ThreeLooksOptions& options);

/// Sleeps until the time has passed, the process has ended, or `stopped()` is true.
WaitEnd wait_for_process(pid_t pid, double seconds, const std::function<void()>& look,
                         const std::function<bool()>& stopped);

}  // namespace seep::pipeline
