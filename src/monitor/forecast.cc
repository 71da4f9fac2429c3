#include "monitor/forecast.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/count_text.h"
#include "monitor/order_statistics.h"
#include "monitor/random_source.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {

namespace {

constexpr int kSteps = 600;
constexpr double kUnreached = std::numeric_limits<double>::infinity();

/// What goes on behind the last sample.
struct Course {
  LineFit line;
  double slope = 0;
  double slope_doubt = 0;
  double level = 0;  ///< of the line, at the last sample
  double level_doubt = 0;
};

std::vector<Point> grown_ceilings(const SeriesVerdict& verdict) {
  const Trend& trend = verdict.trend;
  double start = trend.end_s - verdict.growing_s - 1e-6;
  std::vector<Point> points;
  for (const Point& point : trend.ceilings)
    if (point.time_s >= start) points.push_back(point);
  return trend.wave ? without(*trend.wave, points) : points;
}

Course course_of(const std::vector<Point>& points, double end_s, const ForecastRules& rules) {
  Course course;
  course.line = fit_line(points);
  LineFit late = fit_line(std::span(points).last(points.size() / 2));
  double difference = late.slope - course.line.slope;
  double chance = 2 * std::hypot(late.slope_error, course.line.slope_error);
  // A rise that has become faster or slower goes on as it is now.
  bool bent = std::abs(difference) > chance && late.slope > 0;
  const LineFit& used = bent ? late : course.line;
  course.slope = used.slope;
  course.slope_doubt =
      rules.slope_doubt * used.slope_error + rules.bend_doubt * std::abs(difference);
  course.level = used.at(end_s);
  course.level_doubt = used.deviation / std::sqrt(static_cast<double>(used.points)) +
                       used.slope_error * used.span_s / 2;
  course.line.memory = used.memory;
  course.line.deviation = used.deviation;
  course.line.step_s = used.step_s;
  return course;
}

/// Seconds until one continuation first touches the limit.
double first_touch(const Course& course, const std::optional<DailyWave>& wave, double end_s,
                   double limit, double step_s, RandomSource& random) {
  double slope = course.slope + course.slope_doubt * random.normal();
  double level = course.level + course.level_doubt * random.normal();
  double noise = course.line.deviation * random.normal();
  double kept = std::pow(course.line.memory, step_s / std::max(course.line.step_s, 1e-9));
  double fresh = course.line.deviation * std::sqrt(1 - kept * kept);
  for (int i = 1; i <= kSteps; ++i) {
    double ahead = step_s * i;
    noise = kept * noise + fresh * random.normal();
    double value = level + slope * ahead + noise;
    if (wave) value += wave->at(end_s + ahead);
    if (value >= limit) return ahead;
  }
  return kUnreached;
}

}  // namespace

std::optional<Forecast> forecast(const SeriesVerdict& verdict, double limit,
                                 const ForecastRules& rules) {
  const Trend& trend = verdict.trend;
  if (!is_alarm(verdict.kind) || !(limit > 0) || trend.ceilings.empty()) return std::nullopt;
  if (trend.ceilings.back().value >= limit) return std::nullopt;
  std::vector<Point> points = grown_ceilings(verdict);
  if (points.size() < 6) return std::nullopt;
  Course course = course_of(points, trend.end_s, rules);
  if (!(course.slope > 0)) return std::nullopt;
  // Steps as fine as the distance asks for, so that a limit near by is not stepped over.
  double expected = std::max(limit - course.level, 0.0) / course.slope;
  double sight = std::max(rules.windows_ahead * trend.span_s, 3 * kDay);
  double step = std::clamp(expected * 6 / kSteps, 1e-3, sight / kSteps);
  RandomSource random(rules.seed);
  std::vector<double> times;
  for (int i = 0; i < rules.continuations; ++i)
    times.push_back(first_touch(course, trend.wave, trend.end_s, limit, step, random));
  std::sort(times.begin(), times.end());
  auto at = [&](double share) {
    return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  Forecast result;
  result.limit = limit;
  result.reached_s = at(0.5);
  result.low_s = at(0.05);
  result.high_s = at(0.95);
  if (!std::isfinite(result.reached_s)) return std::nullopt;
  std::string late = std::isfinite(result.high_s) ? duration_text(result.high_s)
                                                  : "not in " + duration_text(step * kSteps);
  result.evidence = "at this rate " + std::string(name_of(verdict.series)) + " reaches " +
                    value_text(verdict.series, limit) + " in " + duration_text(result.reached_s) +
                    " (90 %: " + duration_text(result.low_s) + " to " + late + ")";
  return result;
}

}  // namespace seep::monitor
