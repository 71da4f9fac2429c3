// Does a rise that grows flatter end by itself? A cache that fills rises towards a level, fast at
// first; a leak under a warm-up goes on when the warm-up is over. Both are fitted to the whole run,
// the second having one number more: the slope of a line underneath.
#pragma once

#include <span>

#include "monitor/series.h"

namespace seep::monitor {

struct Saturation {
  bool bends = false;     ///< there is a curve that rises and bends
  double level = 0;       ///< where the curve without a line ends
  double time_s = 0;      ///< in which it covers about two thirds of its way
  double line_slope = 0;  ///< per second, of the line beneath the other curve
  double line_gain =
      0;  ///< by how much the line improves Schwarz's criterion; above 0: it is there
};

/// Curves of the form 1 - exp(-(t / T)^b), with b below 1 for caches whose keys differ in
/// popularity.
Saturation saturation_of(std::span<const Point> points);

}  // namespace seep::monitor
