// Does a series rise? Kendall's S counts the pairs that rise less those that fall. Its variance is
// that of independent values, which samples of memory are not: taken alone the test calls most
// steady but wandering series rising. The variance is therefore widened by what the ranks, freed
// of the trend, have in common with themselves some steps on. Source: K. H. Hamed, A. R. Rao, "A
// modified Mann-Kendall trend test for autocorrelated data", Journal of Hydrology 204 (1998),
// 182-196.
#pragma once

#include <span>

#include "monitor/series.h"

namespace seep::monitor {

struct MannKendall {
  double s = 0;
  double variance = 0;    ///< of S for independent values, ties taken into account
  double correction = 1;  ///< what autocorrelation multiplies it by; never below 1
  double z = 0;           ///< S, made continuous, in corrected standard deviations
  double p = 1;           ///< that a series without a trend gives so large a |z|

  double corrected_variance() const { return variance * correction; }
};

/// Quadratic in the number of points, of which at most 1,500 are taken. Fewer than four give p = 1.
MannKendall mann_kendall(std::span<const Point> points);

}  // namespace seep::monitor
