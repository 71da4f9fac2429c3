// The line that shows what seep is doing, on a terminal, once it takes longer than a second.
#pragma once

#include "base/clock.h"
#include "pipeline/progress.h"

namespace seep::cli {

/// Writes to standard error, in place; wipes its line when it goes out of scope, so that nothing of
/// it stays above a report.
class ProgressLine {
 public:
  explicit ProgressLine(bool enabled);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// For the pipeline; valid as long as this object.
  pipeline::ProgressCallback callback();
  void show(pipeline::Step step);

 private:
  bool enabled_;
  bool shown_ = false;
  Stopwatch watch_;
};

}  // namespace seep::cli
