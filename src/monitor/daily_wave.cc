#include "monitor/daily_wave.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "monitor/change_points.h"
#include "monitor/fresh_noise.h"
#include "monitor/least_squares.h"

namespace seep::monitor {

namespace {

constexpr double kShortestRun = 1.25 * kDay;
constexpr double kPointsADay = 8;
/// Share of what a line leaves that the wave must explain.
constexpr double kShareExplained = 0.25;
/// Correlation of one day with the next.
constexpr double kRepetition = 0.5;
using Row = std::array<double, 8>;
using LineRow = std::array<double, 2>;

/// 1, time, and the waves. Time from the middle in units of the length, so that the sums are tame.
Row row_at(double time_s, double middle, double span) {
  Row row{};
  row[0] = 1;
  row[1] = span > 0 ? (time_s - middle) / span : 0;
  for (std::size_t k = 1; k <= 3; ++k) {
    double angle = 2 * std::numbers::pi * static_cast<double>(k) * time_s / kDay;
    row[2 * k] = std::cos(angle);
    row[2 * k + 1] = std::sin(angle);
  }
  return row;
}

double squares(const std::vector<double>& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

double value_at(std::span<const Point> points, double time_s) {
  auto later =
      std::lower_bound(points.begin(), points.end(), time_s,
                       [](const Point& point, double time) { return point.time_s < time; });
  if (later == points.begin()) return later->value;
  if (later == points.end()) return points.back().value;
  const Point& before = *(later - 1);
  double share = (time_s - before.time_s) / (later->time_s - before.time_s);
  return before.value + share * (later->value - before.value);
}

/// A day later it does the same: the line taken out, values a day apart go together.
bool comes_back(std::span<const Point> points, const std::vector<double>& rest_values) {
  std::vector<Point> rest;
  for (std::size_t i = 0; i < points.size(); ++i)
    rest.push_back({points[i].time_s, rest_values[i]});
  std::vector<double> first;
  std::vector<double> second;
  for (const Point& point : rest) {
    if (point.time_s + kDay > rest.back().time_s) break;
    first.push_back(point.value);
    second.push_back(value_at(rest, point.time_s + kDay));
  }
  if (first.size() < 6) return false;
  double n = static_cast<double>(first.size());
  double a = std::accumulate(first.begin(), first.end(), 0.0) / n;
  double b = std::accumulate(second.begin(), second.end(), 0.0) / n;
  double aa = 0;
  double ab = 0;
  double bb = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    aa += (first[i] - a) * (first[i] - a);
    ab += (first[i] - a) * (second[i] - b);
    bb += (second[i] - b) * (second[i] - b);
  }
  return ab > kRepetition * std::sqrt(aa * bb);
}

}  // namespace

double DailyWave::at(double time_s) const {
  Row row = row_at(time_s, 0, 0);
  double value = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) value += weights[i] * row[i + 2];
  return value;
}

double DailyWave::height() const {
  double low = at(0);
  double high = low;
  for (int i = 1; i < 144; ++i) {
    double value = at(kDay * i / 144);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return high - low;
}

std::optional<DailyWave> daily_wave(std::span<const Point> points) {
  if (points.size() < 12) return std::nullopt;
  double span = points.back().time_s - points.front().time_s;
  if (span < kShortestRun || static_cast<double>(points.size()) < kPointsADay * span / kDay)
    return std::nullopt;
  double middle = (points.front().time_s + points.back().time_s) / 2;
  std::vector<double> values;
  std::vector<LineRow> line_rows;
  std::vector<Row> rows;
  for (const Point& point : points) {
    values.push_back(point.value);
    rows.push_back(row_at(point.time_s, middle, span));
    line_rows.push_back({rows.back()[0], rows.back()[1]});
  }
  std::vector<double> plain = rest_of(line_rows, values, least_squares(line_rows, values));
  if (!comes_back(points, plain)) return std::nullopt;
  Row weights = least_squares(rows, values);
  std::vector<double> waved = rest_of(rows, values, weights);
  if (squares(waved) > (1 - kShareExplained) * squares(plain)) return std::nullopt;
  // Six further numbers must pay for themselves, and a few steps or bends must not do it better.
  double grain = 1e-6 * squares(plain) / static_cast<double>(points.size());
  double score = model_score(waved, 8, grain);
  if (score > model_score(plain, 2, grain)) return std::nullopt;
  std::vector<Piece> pieces = pieces_of(points);
  double free_numbers = 3 * static_cast<double>(pieces.size()) - 1;
  if (score > model_score(rest_of(points, pieces), free_numbers, grain)) return std::nullopt;
  DailyWave wave;
  for (std::size_t i = 0; i < wave.weights.size(); ++i) wave.weights[i] = weights[i + 2];
  return wave;
}

std::vector<Point> without(const DailyWave& wave, std::span<const Point> points) {
  std::vector<Point> rest;
  for (const Point& point : points)
    rest.push_back({point.time_s, point.value - wave.at(point.time_s)});
  return rest;
}

}  // namespace seep::monitor
