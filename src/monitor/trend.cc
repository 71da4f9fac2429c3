#include "monitor/trend.h"

#include <algorithm>
#include <cmath>

#include "monitor/order_statistics.h"

namespace seep::monitor {

namespace {

constexpr double kNinetyPercent = 1.645;
/// Of slopes and their significance, from the first half to the second.
constexpr double kBend = 2;
/// Errors of a slope from which on it is one.
constexpr double kSure = 3;
constexpr std::size_t kCoarse = 16;
constexpr std::size_t kFewestPoints = 12;  ///< of the recent part

/// Medians of up to eight stretches of equal number.
std::vector<Point> eighths_of(std::span<const Point> points) {
  std::size_t count = std::min<std::size_t>(8, points.size() / 2);
  std::vector<Point> medians;
  for (std::size_t i = 0; i < count; ++i) {
    std::size_t first = i * points.size() / count;
    std::size_t end = (i + 1) * points.size() / count;
    std::vector<double> values;
    double time = 0;
    for (std::size_t j = first; j < end; ++j) {
      values.push_back(points[j].value);
      time += points[j].time_s / static_cast<double>(end - first);
    }
    medians.push_back({time, median(std::move(values))});
  }
  return medians;
}

/// How evenly the rise is spread over the part. Shares of it are compared with shares of the time:
/// across a hole in the samples much may have come.
void measure_spread(std::span<const Point> points, Part& part) {
  std::vector<Point> levels = eighths_of(points);
  if (levels.size() < 4) return;
  double total = levels.back().value - levels.front().value;
  double time = levels.back().time_s - levels.front().time_s;
  if (!(total > 0) || !(time > 0)) {
    part.evenness = 0;
    return;
  }
  auto share = [&](std::size_t from, std::size_t to) {
    return (levels[to].value - levels[from].value) / total;
  };
  auto time_share = [&](std::size_t from, std::size_t to) {
    return (levels[to].time_s - levels[from].time_s) / time;
  };
  double excess = 0;  // of two neighbouring: a step may fall into the middle of an eighth
  std::size_t rising = 0;
  std::size_t last = levels.size() - 1;
  for (std::size_t i = 1; i <= last; ++i) {
    if (i >= 2) excess = std::max(excess, share(i - 2, i) - time_share(i - 2, i));
    if (share(i - 1, i) > 0.25 * time_share(i - 1, i)) ++rising;
  }
  part.evenness = 1 - excess;
  part.rising = static_cast<double>(rising) / static_cast<double>(last);
  std::size_t late = std::min<std::size_t>(3, last);
  part.late_share = share(last - late, last) / time_share(last - late, last);
}

/// Between the three points before and the three from there on.
double local_step(std::span<const Point> points, std::size_t place) {
  std::vector<double> before;
  std::vector<double> after;
  for (std::size_t i = place < 3 ? 0 : place - 3; i < place; ++i) before.push_back(points[i].value);
  for (std::size_t i = place; i < std::min(place + 3, points.size()); ++i)
    after.push_back(points[i].value);
  return median(std::move(after)) - median(std::move(before));
}

/// The part without its upward steps: what is left of a rise when they are taken away.
std::vector<Point> without_steps(std::span<const Point> points, std::size_t first,
                                 const std::vector<Piece>& pieces) {
  std::vector<Point> rest(points.begin(), points.end());
  double taken = 0;
  for (std::size_t k = 1; k < pieces.size(); ++k) {
    const Piece& piece = pieces[k];
    if (piece.first <= first) continue;
    taken += std::max(
        0.0, std::min(piece.start - pieces[k - 1].end, local_step(points, piece.first - first)));
    for (std::size_t i = piece.first; i < piece.first + piece.count; ++i)
      rest[i - first].value -= taken;
  }
  return rest;
}

Part measure(std::span<const Point> points) {
  Part part;
  part.line = fit_line(points);
  part.test = mann_kendall(points);
  part.sen = theil_sen(points, part.test.corrected_variance(), kNinetyPercent);
  std::vector<double> noise;
  for (const Point& point : points) noise.push_back(point.value - part.line.at(point.time_s));
  part.noise = robust_deviation(noise);
  part.rise = part.line.slope * part.line.span_s;
  part.level = part.line.at(points.back().time_s);
  part.ground = part.rise;
  if (points.size() >= 8) {
    LineFit early = fit_line(points.first(points.size() / 2));
    LineFit late = fit_line(points.last(points.size() / 2));
    if (early.slope > 0)
      part.late_ratio = std::min(10.0, late.slope / early.slope);
    else
      part.late_ratio = late.slope > 0 ? 10 : 0;
    part.late_significance = late.significance();
  }
  measure_spread(points, part);
  return part;
}

Part measure_recent(const std::vector<Point>& floors, std::size_t first,
                    const std::vector<Piece>& pieces) {
  std::vector<Point> points = without_steps(std::span(floors).subspan(first), first, pieces);
  Part part = measure(points);
  part.first = first;
  part.level += floors.back().value - points.back().value;  // the steps taken away are there
  for (const Piece& piece : pieces) {
    if (piece.first + piece.count > first) break;
    part.ground = std::min(part.ground, part.level - std::max(piece.start, piece.end));
  }
  return part;
}

/// Behind the last change of course that leaves enough to judge.
std::size_t recent_first(const std::vector<Point>& floors, const std::vector<Piece>& pieces,
                         double shortest) {
  std::size_t fewest = std::max(
      kFewestPoints, static_cast<std::size_t>(shortest * static_cast<double>(floors.size())));
  for (std::size_t i = pieces.size(); i-- > 0;)
    if (pieces[i].first > 0 && floors.size() - pieces[i].first >= fewest) return pieces[i].first;
  // A bend too weak, or points too few, to pay for a second piece.
  std::size_t half = floors.size() / 2;
  if (pieces.size() == 1 && floors.size() - half >= fewest) {
    LineFit early = fit_line(std::span(floors).first(half));
    LineFit late = fit_line(std::span(floors).subspan(half));
    double whole = fit_line(floors).significance();
    if (late.slope > kBend * std::max(early.slope, 0.0) &&
        late.significance() > std::max(kSure, kBend * whole))
      return half;
  }
  // A start-up too short to be a piece of its own still spoils a line through everything.
  std::size_t start_up = floors.size() / 8;
  if (floors.size() - start_up < fewest) return 0;
  double with = fit_line(floors).deviation;
  double without = fit_line(std::span(floors).subspan(start_up)).deviation;
  return without < 0.6 * with ? start_up : 0;
}

/// Behind the last step down, 0 if there is none.
std::size_t behind_fall(const std::vector<Point>& floors, const std::vector<Piece>& pieces) {
  for (std::size_t k = pieces.size(); k-- > 1;) {
    double fall =
        std::min(pieces[k - 1].end - pieces[k].start, -local_step(floors, pieces[k].first));
    double around = robust_deviation(rest_of(floors, pieces));
    if (fall > 3 * around) return pieces[k].first;
  }
  return 0;
}

/// The lowest of each so many neighbouring floors: what is left between jobs that last longer than
/// a bucket.
std::vector<Point> coarse_floors(const std::vector<Point>& floors) {
  std::vector<Point> coarse;
  for (std::size_t i = 0; i < kCoarse; ++i) {
    std::size_t first = i * floors.size() / kCoarse;
    std::size_t end = (i + 1) * floors.size() / kCoarse;
    if (first == end) continue;
    Point lowest = floors[first];
    for (std::size_t j = first; j < end; ++j)
      if (floors[j].value < lowest.value) lowest = floors[j];
    coarse.push_back(lowest);
  }
  return coarse;
}

}  // namespace

Trend trend_of(const Run& run, const TrendRules& rules) {
  Trend trend;
  trend.samples = run.points.size();
  trend.interval_s = run.interval_s;
  trend.span_s = run.span_s();
  trend.end_s = run.end_s();
  trend.longest_gap_s = run.longest_gap_s;
  if (run.points.empty()) return trend;
  std::vector<Bucket> buckets = best_buckets(run.points);
  trend.ceilings = ceilings_of(buckets);
  trend.floors = floors_of(buckets);
  trend.wave = daily_wave(trend.floors);
  if (trend.wave) trend.floors = without(*trend.wave, trend.floors);
  trend.pieces = pieces_of(trend.floors, rules.change_points);
  trend.whole = measure(trend.floors);
  trend.coarse = measure(coarse_floors(trend.floors));
  std::size_t first = recent_first(trend.floors, trend.pieces, rules.shortest_recent);
  bool same = first == 0 && trend.pieces.size() == 1;
  trend.recent = same ? trend.whole : measure_recent(trend.floors, first, trend.pieces);
  trend.since_fall = trend.whole;
  std::size_t fall = behind_fall(trend.floors, trend.pieces);
  if (fall > 0 && trend.floors.size() - fall >= kFewestPoints) {
    trend.since_fall = measure(std::span(trend.floors).subspan(fall));
    trend.since_fall.first = fall;
  }
  // Dear, and of use only where something has risen.
  if (trend.whole.rise > 0 || trend.recent.level > trend.start_level())
    trend.saturation = saturation_of(without_steps(trend.floors, 0, trend.pieces));
  return trend;
}

}  // namespace seep::monitor
