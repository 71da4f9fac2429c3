// Medians and quantiles: what a few wild values cannot move.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace seep::monitor {

/// The middle of values in rising order, or the mean of the two in the middle; 0 of none.
inline double middle_of_sorted(const std::vector<double>& sorted) {
  if (sorted.empty()) return 0;
  std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/// The same of values in any order, which it leaves in another one; in linear time.
inline double middle_of(std::vector<double>& values) {
  if (values.empty()) return 0;
  auto half = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), half, values.end());
  if (values.size() % 2 == 1) return *half;
  return (*std::max_element(values.begin(), half) + *half) / 2;
}

inline double median(std::vector<double> values) { return middle_of(values); }

/// The value below which `share` of them lie, between neighbours in proportion; 0 of none.
inline double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  double place = std::clamp(share, 0.0, 1.0) * static_cast<double>(values.size() - 1);
  std::size_t below = static_cast<std::size_t>(place);
  std::size_t above = std::min(below + 1, values.size() - 1);
  return values[below] + (values[above] - values[below]) * (place - static_cast<double>(below));
}

/// The standard deviation as the median distance from the median tells it (1.4826 for a normal
/// distribution): half the values may be anything.
inline double robust_deviation(const std::vector<double>& values) {
  double middle = median(values);
  std::vector<double> distances;
  distances.reserve(values.size());
  for (double value : values) distances.push_back(std::abs(value - middle));
  return 1.4826 * median(std::move(distances));
}

}  // namespace seep::monitor
