#include "baselines.h"

#include <cmath>

#include "monitor/mann_kendall.h"

namespace seep::bench {

namespace {

struct Fit {
  double slope = 0;
  double explained = 0;
};

Fit least_squares(std::span<const monitor::Point> points) {
  double n = static_cast<double>(points.size());
  double t = 0;
  double v = 0;
  for (const monitor::Point& point : points) {
    t += point.time_s / n;
    v += point.value / n;
  }
  double tt = 0;
  double tv = 0;
  double vv = 0;
  for (const monitor::Point& point : points) {
    tt += (point.time_s - t) * (point.time_s - t);
    tv += (point.time_s - t) * (point.value - v);
    vv += (point.value - v) * (point.value - v);
  }
  Fit fit;
  if (tt > 0) fit.slope = tv / tt;
  if (tt > 0 && vv > 0) fit.explained = tv * tv / (tt * vv);
  return fit;
}

}  // namespace

bool plain_mann_kendall(std::span<const monitor::Point> points) {
  monitor::MannKendall test = monitor::mann_kendall(points);
  if (!(test.variance > 0)) return false;
  return (test.s - 1) / std::sqrt(test.variance) > 1.96;
}

bool fixed_slope(std::span<const monitor::Point> points, monitor::SeriesKind kind) {
  double hourly = monitor::is_bytes(kind) ? 10 << 20 : 100;
  return least_squares(points).slope * 3600 > hourly;
}

bool linear_fit(std::span<const monitor::Point> points) {
  Fit fit = least_squares(points);
  return fit.slope > 0 && fit.explained >= 0.8;
}

}  // namespace seep::bench
