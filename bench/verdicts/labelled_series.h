// A series with what is true of it. Truth comes from how the series was made, never from how it
// looks: a generator knows whether it lets memory go on growing, a recorded program was built to.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "monitor/series.h"

namespace seep::bench {

enum class Truth {
  kLeaks,        ///< goes on growing, and the window is long enough to see it
  kSteady,       ///< does not; whatever it does in the window ends there or comes back
  kUndecidable,  ///< the window does not hold the answer: a leak below the noise, a cache still
                 ///< filling
};

struct LabelledSeries {
  std::string shape;
  std::uint64_t seed = 0;
  Truth truth = Truth::kSteady;
  bool recorded = false;
  monitor::Series series;
  double window_s = 0;
  double true_rate = 0;  ///< per second, of the leak
  double limit = 0;      ///< 0: none
  /// When the series, which goes on behind the window, first reaches the limit; seconds after its
  /// end.
  double reached_s = std::numeric_limits<double>::quiet_NaN();

  /// Thresholds are chosen with one half and never with the other.
  bool is_test() const { return seed % 2 == 1; }
};

}  // namespace seep::bench
