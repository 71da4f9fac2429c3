// When a rising series reaches its limit, with an interval that is meant to hold nine times in ten.
// The line through the highest values of the grown part goes on, and so does its noise: a thousand
// continuations are drawn, each with a slope and a level as uncertain as the fit leaves them and
// with noise that has the memory of what was seen, and the times at which they first touch the
// limit are sorted. A formula for the line alone would be late: it is the peaks that get a process
// killed.
#pragma once

#include <optional>
#include <string>

#include "monitor/verdict.h"

namespace seep::monitor {

struct Forecast {
  double limit = 0;
  double reached_s = 0;  ///< from the last sample; the middle of the continuations
  double low_s = 0;      ///< one in twenty is sooner …
  double high_s = 0;     ///< … and one in twenty later; infinite if they do not reach it in sight
  std::string evidence;
};

struct ForecastRules {
  int continuations = 1000;
  double slope_doubt = 1.3;   ///< error of the slope, as a multiple of what the fit says
  double bend_doubt = 0.5;    ///< share of the difference between early and late slope
  double windows_ahead = 12;  ///< how far is looked, in lengths of the run; at least three days
  std::uint64_t seed = 1;
};

/// Nothing for what does not grow, has no limit, or is already above it (which is no forecast).
std::optional<Forecast> forecast(const SeriesVerdict& verdict, double limit,
                                 const ForecastRules& rules = {});

}  // namespace seep::monitor
