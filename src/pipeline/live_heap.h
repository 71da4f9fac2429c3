// The live heap of a running process as its own collector found it last, read without stopping it:
// how much it strays from collection to collection.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/growth.h"
#include "pipeline/go_process.h"

namespace seep::pipeline {

class LiveHeap {
 public:
  /// A process whose figures cannot be read without a stop has no samples; that is no error.
  explicit LiveHeap(pid_t pid);

  /// Notes the figure if a collection has passed since the last.
  void look(double at_s);

  const std::vector<analysis::LiveSample>& samples() const { return samples_; }

 private:
  std::optional<GoPeek> peek_;
  std::vector<analysis::LiveSample> samples_;
};

}  // namespace seep::pipeline
