#include "monitor/saturation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "monitor/fresh_noise.h"
#include "monitor/least_squares.h"

namespace seep::monitor {

namespace {

constexpr std::array<double, 3> kForms = {1.0, 0.75, 0.5};
/// Times, as shares of the run, from a 250th to twice the run; then finer around the best.
constexpr int kTimes = 18;
constexpr int kFiner = 4;
constexpr double kShortest = 0.004;
constexpr double kLongest = 2;
/// A warm-up that takes longer cannot be told from the line beneath it.
constexpr double kLongestWithLine = 0.3;

/// A run in shares of its length.
struct Shares {
  std::vector<double> times;
  std::vector<double> values;
  double grain = 0;
};

struct Fit {
  double score = std::numeric_limits<double>::infinity();
  double share = 0;  ///< the curve's time
  double level = 0;
  double slope = 0;
};

double curve_at(double time, double share, double form) {
  return 1 - std::exp(-std::pow(time / share, form));
}

Fit without_line(const Shares& run, double share, double form) {
  std::vector<std::array<double, 2>> rows;
  for (double time : run.times) rows.push_back({1, curve_at(time, share, form)});
  std::array<double, 2> weights = least_squares(rows, run.values);
  if (!(weights[1] > 0)) return {};
  return {model_score(rest_of(rows, run.values, weights), 4, run.grain), share,
          weights[0] + weights[1], 0};
}

Fit with_line(const Shares& run, double share, double form) {
  std::vector<std::array<double, 3>> rows;
  for (double time : run.times) rows.push_back({1, curve_at(time, share, form), time});
  std::array<double, 3> weights = least_squares(rows, run.values);
  if (!(weights[1] > 0)) return {};
  return {model_score(rest_of(rows, run.values, weights), 5, run.grain), share,
          weights[0] + weights[1], weights[2]};
}

/// The best of all forms and times up to `longest`.
Fit best_fit(const Shares& run, double longest, Fit (*fit)(const Shares&, double, double)) {
  Fit best;
  double step = std::pow(kLongest / kShortest, 1.0 / (kTimes - 1));
  for (double form : kForms) {
    Fit rough;
    auto consider = [&](double share) {
      if (share > longest) return;
      Fit one = fit(run, share, form);
      if (one.score < rough.score) rough = one;
    };
    for (int i = 0; i < kTimes; ++i) consider(kShortest * std::pow(step, i));
    if (!std::isfinite(rough.score)) continue;
    double around = rough.share;
    for (int i = -kFiner; i <= kFiner; ++i)
      if (i != 0) consider(around * std::pow(step, i / (kFiner + 1.0)));
    if (rough.score < best.score) best = rough;
  }
  return best;
}

}  // namespace

Saturation saturation_of(std::span<const Point> points) {
  Saturation result;
  if (points.size() < 8) return result;
  double start = points.front().time_s;
  double span = points.back().time_s - start;
  if (!(span > 0)) return result;
  Shares run;
  double low = points.front().value;
  double high = low;
  for (const Point& point : points) {
    run.times.push_back((point.time_s - start) / span);
    run.values.push_back(point.value);
    low = std::min(low, point.value);
    high = std::max(high, point.value);
  }
  if (!(high > low)) return result;
  run.grain = (high - low) * (high - low) * 1e-6;
  Fit plain = best_fit(run, kLongest, without_line);
  Fit lined = best_fit(run, kLongestWithLine, with_line);
  if (std::isfinite(plain.score)) {
    result.bends = true;
    result.level = plain.level;
    result.time_s = plain.share * span;
  }
  if (std::isfinite(lined.score)) result.line_slope = lined.slope / span;
  if (std::isfinite(plain.score) && std::isfinite(lined.score))
    result.line_gain = plain.score - lined.score;
  return result;
}

}  // namespace seep::monitor
