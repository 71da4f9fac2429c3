// A straight line through points of which up to 29 % may be wrong: the median of the slopes of all
// pairs. Source: P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau",
// Journal of the American Statistical Association 63 (1968), 1379-1389, also for the interval.
#pragma once

#include <span>

#include "monitor/series.h"

namespace seep::monitor {

struct TheilSen {
  double slope = 0;      ///< per second
  double intercept = 0;  ///< at second 0: the median of what the slope leaves
  double low = 0;        ///< interval of the slope, from the variance of Kendall's S
  double high = 0;

  double at(double time_s) const { return intercept + slope * time_s; }
};

/// `s_variance` is the variance of Kendall's S for these points, corrected for their
/// autocorrelation (mann_kendall.h), `z` the quantile of the normal distribution: 1.645 for 90 %.
/// Quadratic in the number of points; beyond 1,500 only every so many-th is taken. Fewer than two
/// points in time give a slope of 0.
TheilSen theil_sen(std::span<const Point> points, double s_variance = 0, double z = 0);

}  // namespace seep::monitor
