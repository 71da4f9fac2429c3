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

constexpr int kSteps = 800;
/// Noise will stray further than it has in the time that was seen.
constexpr double kBeyond = 1.15;
constexpr double kUnreached = std::numeric_limits<double>::infinity();

/// What goes on behind the last sample.
struct Course {
  double slope = 0;
  double slope_doubt = 0;
  double bend = 0;    ///< by which the slope grows each second, if it does
  double half_s = 0;  ///< from where the slope was measured to the end
  double level = 0;   ///< of the line, at the last sample
  double level_doubt = 0;
  double memory = 0;
  double memory_doubt = 0;
  double most_memory = 0;
  double step_s = 0;  ///< between the values of the noise
  std::vector<double> noise;
  double highest_noise = 0;
  const DailyWave* wave = nullptr;
  double end_s = 0;  ///< of the run
};

std::vector<Point> grown_ceilings(const SeriesVerdict& verdict) {
  const Trend& trend = verdict.trend;
  double start = trend.end_s - verdict.growing_s - 1e-6;
  std::vector<Point> points;
  for (const Point& point : trend.ceilings)
    if (point.time_s >= start) points.push_back(point);
  return trend.wave ? without(*trend.wave, points) : points;
}

/// By which the slope has grown from piece to piece, if each rises and the last the most.
double bend_before(const std::vector<Piece>& pieces, const std::vector<Point>& floors) {
  if (pieces.size() < 2) return 0;
  auto middle = [&](const Piece& piece) { return floors[piece.first + piece.count / 2].time_s; };
  const Piece& last = pieces.back();
  const Piece& before = pieces[pieces.size() - 2];
  if (before.slope < 0.2 * last.slope || before.slope >= last.slope) return 0;
  return (last.slope - before.slope) / (middle(last) - middle(before));
}

Course course_of(const std::vector<Point>& points, const Trend& trend, const ForecastRules& rules) {
  Course course;
  course.end_s = trend.end_s;
  if (trend.wave) course.wave = &*trend.wave;
  LineFit all = fit_line(points);
  LineFit early = fit_line(std::span(points).first(points.size() / 2));
  LineFit late = fit_line(std::span(points).last(points.size() / 2));
  double difference = late.slope - early.slope;
  double chance = 2 * std::hypot(late.slope_error, early.slope_error);
  // A rise that has become faster or slower goes on as it is now, or faster still.
  bool bent = std::abs(difference) > chance && late.slope > 0;
  const LineFit& used = bent ? late : all;
  if (difference > 0.75 * chance) course.bend = difference / (late.middle_s - early.middle_s);
  course.bend = std::max(course.bend, bend_before(trend.pieces, trend.floors));
  course.slope = used.slope;
  course.half_s = used.span_s / 2;
  course.slope_doubt = rules.slope_doubt * used.slope_error +
                       rules.bend_doubt * std::min(std::abs(difference), chance);
  course.level = used.at(trend.end_s);
  course.level_doubt = used.deviation / std::sqrt(static_cast<double>(used.points)) +
                       used.slope_error * used.span_s / 2;
  double n = static_cast<double>(used.points);
  course.memory = used.memory;
  course.memory_doubt = std::sqrt((1 - used.memory * used.memory) / n);
  course.most_memory = std::max(used.memory, 1 - std::sqrt(10.0) / n);
  course.step_s = used.step_s;
  for (const Point& point : std::span(points).last(used.points))
    course.noise.push_back(point.value - used.at(point.time_s));
  course.highest_noise = *std::max_element(course.noise.begin(), course.noise.end());
  return course;
}

/// The noise that was seen, in stretches of an eighth, each from a random place.
class Replay {
 public:
  Replay(const Course& course, RandomSource& random) : noise_(course.noise), random_(random) {}

  /// The highest of so many further values.
  double highest_of(int count) {
    double highest = -kUnreached;
    for (int i = 0; i < count; ++i) highest = std::max(highest, next());
    return highest;
  }

 private:
  double next() {
    if (left_ == 0) {
      left_ = std::max<std::size_t>(4, noise_.size() / 8);
      place_ = static_cast<std::size_t>(random_.unit() * static_cast<double>(noise_.size()));
    }
    --left_;
    return kBeyond * noise_[place_++ % noise_.size()];
  }

  const std::vector<double>& noise_;
  RandomSource& random_;
  std::size_t left_ = 0;
  std::size_t place_ = 0;
};

/// Seconds until the smooth course has covered the distance.
double time_to_cover(double distance, double slope, double bend) {
  if (distance <= 0) return 0;
  if (bend > 0) return (std::sqrt(slope * slope + 2 * bend * distance) - slope) / bend;
  return slope > 0 ? distance / slope : kUnreached;
}

/// Seconds until one continuation first touches the limit.
double first_touch(const Course& course, double limit, double sight_s, RandomSource& random) {
  double memory =
      std::clamp(course.memory + course.memory_doubt * random.normal(), 0.0, course.most_memory);
  double doubt = course.slope_doubt * std::max(1.0, (1 - course.memory) / (1 - memory));
  // Whether a rise that seems to grow faster does so, nobody knows: from not at all to a little
  // more.
  double bend = course.bend * std::max(0.0, 1.6 * random.unit() - 0.4);
  double slope = std::max(course.slope + doubt * random.normal(), 0.05 * course.slope);
  slope += bend * course.half_s;
  double level = course.level + course.level_doubt * random.normal();
  double wave = course.wave ? course.wave->height() : 0;
  // Nothing happens before the line is within reach of the noise; from there on step by step.
  double begin = time_to_cover(limit - level - course.highest_noise - wave, slope, bend);
  double end = time_to_cover(limit - level + course.highest_noise + wave, slope, bend);
  if (begin > sight_s) return kUnreached;
  double step = std::max({course.step_s, (end - begin) / kSteps, 1e-3});
  int values = std::clamp(static_cast<int>(std::lround(step / course.step_s)), 1, 1000);
  Replay noise(course, random);
  for (int i = 0; i <= 2 * kSteps; ++i) {
    double ahead = begin + step * i;
    double value = level + slope * ahead + bend * ahead * ahead / 2 + noise.highest_of(values);
    if (course.wave) value += course.wave->at(course.end_s + ahead);
    if (value >= limit) return ahead + step * random.unit();
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
  Course course = course_of(points, trend, rules);
  if (!(course.slope > 0) || !(course.step_s > 0)) return std::nullopt;
  double sight = std::max(rules.windows_ahead * trend.span_s, 3 * kDay);
  RandomSource random(rules.seed);
  std::vector<double> times;
  for (int i = 0; i < rules.continuations; ++i)
    times.push_back(first_touch(course, limit, sight, random));
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
                                                  : "not in " + duration_text(sight);
  result.evidence = "at this rate " + std::string(name_of(verdict.series)) + " reaches " +
                    value_text(verdict.series, limit) + " in " + duration_text(result.reached_s) +
                    " (90 %: " + duration_text(result.low_s) + " to " + late + ")";
  return result;
}

}  // namespace seep::monitor
