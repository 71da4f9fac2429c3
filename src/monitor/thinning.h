// What is left of old samples. Of each slot of time two rows stay: the lowest value of each figure
// at the time of the slot's first sample, and the highest at the time of its last; one where there
// was one sample. Verdicts rest on floors, forecasts and causes of running out on peaks; both stay
// what they were, and counters keep their order. What is thinned can be thinned again.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "monitor/figure.h"

namespace seep::monitor {

class Thinning {
 public:
  explicit Thinning(std::int64_t slot_ns) : slot_ns_(slot_ns) {}

  /// In any order.
  void add(std::span<const ProcessSample> samples);

  /// The lows of all slots by time, then the highs: neighbours are alike.
  std::vector<ProcessSample> rows() const;

 private:
  struct Slot {
    ProcessSample low;   ///< with the time of the first sample
    ProcessSample high;  ///< with the time of the last
  };
  std::int64_t slot_ns_;
  std::map<std::int64_t, Slot> slots_;
};

/// The number of the piece of time of this length that holds `time`, also before zero.
std::int64_t piece_of(std::int64_t time, std::int64_t length);

}  // namespace seep::monitor
