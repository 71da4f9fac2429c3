#include "monitor/mann_kendall.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "monitor/theil_sen.h"

namespace seep::monitor {

namespace {

constexpr std::size_t kMostPoints = 1500;

double sign(double value) { return value > 0 ? 1 : value < 0 ? -1 : 0; }

/// n (n - 1) (2n + 5) / 18, less the same for each group of equal values.
double variance_of_s(std::vector<double> values) {
  auto term = [](double n) { return n * (n - 1) * (2 * n + 5) / 18; };
  std::sort(values.begin(), values.end());
  double variance = term(static_cast<double>(values.size()));
  for (std::size_t i = 0; i < values.size();) {
    std::size_t j = i;
    while (j < values.size() && values[j] == values[i]) ++j;
    variance -= term(static_cast<double>(j - i));
    i = j;
  }
  return variance;
}

/// Ranks from 1; equal values share the mean of theirs.
std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t j = i;
    while (j < order.size() && values[order[j]] == values[order[i]]) ++j;
    double shared = static_cast<double>(i + j + 1) / 2;
    for (; i < j; ++i) ranks[order[i]] = shared;
  }
  return ranks;
}

/// Hamed and Rao's n / n*: only autocorrelations that differ from 0 at 5 % count, and only up to a
/// quarter of the length, beyond which they rest on too few pairs.
double correction_of(std::span<const Point> points) {
  double n = static_cast<double>(points.size());
  TheilSen line = theil_sen(points);
  std::vector<double> left;
  for (const Point& point : points) left.push_back(point.value - line.slope * point.time_s);
  std::vector<double> ranks = ranks_of(left);
  double mean = (n + 1) / 2;
  double total = 0;
  for (double rank : ranks) total += (rank - mean) * (rank - mean);
  if (!(total > 0)) return 1;
  double sum = 0;
  for (std::size_t lag = 1; lag <= points.size() / 4; ++lag) {
    double together = 0;
    for (std::size_t i = 0; i + lag < ranks.size(); ++i)
      together += (ranks[i] - mean) * (ranks[i + lag] - mean);
    double correlation = together / total;
    if (std::abs(correlation) < 1.96 / std::sqrt(n)) continue;
    double k = static_cast<double>(lag);
    sum += (n - k) * (n - k - 1) * (n - k - 2) * correlation;
  }
  return std::max(1.0, 1 + 2 * sum / (n * (n - 1) * (n - 2)));
}

}  // namespace

MannKendall mann_kendall(std::span<const Point> points) {
  std::vector<Point> thinned;
  if (points.size() > kMostPoints) {
    for (std::size_t i = 0; i < kMostPoints; ++i)
      thinned.push_back(points[i * (points.size() - 1) / (kMostPoints - 1)]);
    points = thinned;
  }
  MannKendall test;
  if (points.size() < 4) return test;
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.value);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i + 1; j < values.size(); ++j) test.s += sign(values[j] - values[i]);
  test.variance = variance_of_s(values);
  if (!(test.variance > 0)) return test;
  test.correction = correction_of(points);
  // S moves in steps of two: one is taken off.
  test.z = (test.s - sign(test.s)) / std::sqrt(test.corrected_variance());
  test.p = std::erfc(std::abs(test.z) / std::sqrt(2.0));
  return test;
}

}  // namespace seep::monitor
