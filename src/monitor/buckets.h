// A run in at most 120 buckets of equal time. Two things are gained: whatever follows is quadratic
// in the number of buckets and not of samples, and the lowest value of a bucket is what is left
// after a collection when the bucket is longer than a tooth of the saw that a garbage-collected
// heap makes.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "monitor/series.h"

namespace seep::monitor {

struct Bucket {
  double time_s = 0;  ///< mean time of its samples
  double low = 0;
  double high = 0;
  double mean = 0;
  std::size_t samples = 0;
};

inline constexpr std::size_t kMostBuckets = 120;

/// Buckets without samples are left out.
std::vector<Bucket> buckets_of(std::span<const Point> points, std::size_t count);

/// So many buckets that their floors tell a slope best: few enough that each holds a whole tooth
/// where there are teeth, and else as many as the samples allow.
std::vector<Bucket> best_buckets(std::span<const Point> points);

std::vector<Point> floors_of(const std::vector<Bucket>& buckets);
std::vector<Point> ceilings_of(const std::vector<Bucket>& buckets);

}  // namespace seep::monitor
