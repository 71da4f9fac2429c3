#include "monitor/line_fit.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "monitor/theil_sen.h"

namespace seep::monitor {

namespace {

/// Neighbours' correlation, freed of the bias that taking out a line brings: about (2 + 4 r) / n.
double memory_of(const std::vector<double>& noise, double squares) {
  double n = static_cast<double>(noise.size());
  if (noise.size() < 6 || !(squares > 0)) return 0;
  double together = 0;
  for (std::size_t i = 1; i < noise.size(); ++i) together += noise[i] * noise[i - 1];
  double raw = together / squares;
  double corrected = (raw * n + 2) / (n - 4);
  // Beyond this the error of a slope would be that of a random walk, which is the worst there is.
  double most = std::max(0.0, 1 - std::sqrt(10.0) / n);
  return std::clamp(corrected, 0.0, most);
}

}  // namespace

double LineFit::significance() const {
  if (slope == 0) return 0;
  if (!(slope_error > 0)) return std::copysign(1e6, slope);
  return std::clamp(slope / slope_error, -1e6, 1e6);
}

double LineFit::error_ahead(double ahead_s) const {
  if (points < 3 || !(step_s > 0)) return std::numeric_limits<double>::infinity();
  double steps = ahead_s / step_s;
  double kept = std::pow(memory, 2 * steps);
  double stray = innovation * innovation * (1 - kept) / std::max(1e-9, 1 - memory * memory);
  double lever = slope_error * (span_s / 2 + ahead_s);
  double level = deviation * deviation / static_cast<double>(points);
  return std::sqrt(stray + lever * lever + level);
}

LineFit fit_line(std::span<const Point> points) {
  LineFit fit;
  fit.points = points.size();
  if (points.empty()) return fit;
  TheilSen line = theil_sen(points);
  fit.slope = line.slope;
  fit.span_s = points.back().time_s - points.front().time_s;
  double n = static_cast<double>(points.size());
  for (const Point& point : points) fit.middle_s += point.time_s / n;
  fit.middle_value = line.at(fit.middle_s);
  if (points.size() < 3) return fit;
  fit.step_s = fit.span_s / (n - 1);
  std::vector<double> noise;
  double squares = 0;
  double spread = 0;  // of time
  for (const Point& point : points) {
    noise.push_back(point.value - line.at(point.time_s));
    squares += noise.back() * noise.back();
    spread += (point.time_s - fit.middle_s) * (point.time_s - fit.middle_s);
  }
  fit.memory = memory_of(noise, squares);
  fit.deviation = std::sqrt(squares / std::max(1.0, n - 2));
  fit.innovation = fit.deviation * std::sqrt(1 - fit.memory * fit.memory);
  if (spread > 0) fit.slope_error = fit.innovation / (1 - fit.memory) / std::sqrt(spread);
  return fit;
}

}  // namespace seep::monitor
