// A line through a series whose noise has a memory: neighbours stray to the same side. Such noise
// wanders, and a wandering series holds fewer independent values than points; the error of the
// slope says so. The noise is taken as an autoregressive process of first order, whose memory is
// estimated from what the line leaves, and corrected for the part of it that the line itself has
// taken away.
#pragma once

#include <span>

#include "monitor/series.h"

namespace seep::monitor {

struct LineFit {
  std::size_t points = 0;
  double slope = 0;  ///< per second, Theil-Sen
  double slope_error = 0;
  double middle_s = 0;      ///< mean time
  double middle_value = 0;  ///< of the line, there
  double deviation = 0;     ///< of the noise
  double memory = 0;        ///< correlation of neighbouring noise, 0 to below 1
  double innovation = 0;    ///< deviation of what is new in each point
  double step_s = 0;        ///< mean distance of points
  double span_s = 0;

  double at(double time_s) const { return middle_value + slope * (time_s - middle_s); }

  /// Slopes in units of their error; large where there is no noise at all.
  double significance() const;

  /// The deviation of a value `ahead_s` after the last point from the line: its noise, and what the
  /// slope's error adds up to by then.
  double error_ahead(double ahead_s) const;
};

LineFit fit_line(std::span<const Point> points);

}  // namespace seep::monitor
