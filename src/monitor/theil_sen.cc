#include "monitor/theil_sen.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "monitor/order_statistics.h"

namespace seep::monitor {

namespace {

constexpr std::size_t kMostPoints = 1500;

std::vector<Point> thinned(std::span<const Point> points) {
  if (points.size() <= kMostPoints) return {points.begin(), points.end()};
  std::vector<Point> some;
  some.reserve(kMostPoints);
  for (std::size_t i = 0; i < kMostPoints; ++i)
    some.push_back(points[i * (points.size() - 1) / (kMostPoints - 1)]);
  return some;
}

}  // namespace

TheilSen theil_sen(std::span<const Point> all, double s_variance, double z) {
  std::vector<Point> points = thinned(all);
  TheilSen line;
  std::vector<double> slopes;
  slopes.reserve(points.size() * points.size() / 2);
  for (std::size_t i = 0; i < points.size(); ++i) {
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      double apart = points[j].time_s - points[i].time_s;
      if (apart > 0) slopes.push_back((points[j].value - points[i].value) / apart);
    }
  }
  // Sen: the interval lies between the slopes of rank (N - C) / 2 and (N + C) / 2 + 1.
  double reach = z * std::sqrt(std::max(0.0, s_variance));
  if (!slopes.empty() && reach > 0) {
    std::sort(slopes.begin(), slopes.end());
    line.slope = middle_of_sorted(slopes);
    double pairs = static_cast<double>(slopes.size());
    auto rank = [&](double wanted) {
      return slopes[static_cast<std::size_t>(std::clamp(wanted, 0.0, pairs - 1))];
    };
    line.low = rank((pairs - reach) / 2 - 1);
    line.high = rank((pairs + reach) / 2);
  } else {
    line.slope = line.low = line.high = middle_of(slopes);
  }
  std::vector<double> left;
  left.reserve(points.size());
  for (const Point& point : points) left.push_back(point.value - line.slope * point.time_s);
  line.intercept = median(std::move(left));
  return line;
}

}  // namespace seep::monitor
