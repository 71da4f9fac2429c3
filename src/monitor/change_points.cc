#include "monitor/change_points.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "monitor/fresh_noise.h"

namespace seep::monitor {

namespace {

constexpr std::size_t kMostPoints = 240;
constexpr double kNever = std::numeric_limits<double>::infinity();

struct Line {
  double slope = 0;
  double middle_s = 0;
  double middle_value = 0;
  double squares = 0;  ///< left by the line
};

/// Sums from which the line through any stretch of points follows at once. Times and values are
/// taken from the middle and in units of their range, so that no digits are lost.
class LineSums {
 public:
  explicit LineSums(std::span<const Point> points) : sums_(points.size() + 1) {
    double low = kNever;
    double high = -kNever;
    for (const Point& point : points) {
      low = std::min(low, point.value);
      high = std::max(high, point.value);
    }
    time_offset_ = (points.front().time_s + points.back().time_s) / 2;
    time_unit_ = std::max(1e-9, points.back().time_s - points.front().time_s);
    value_offset_ = (low + high) / 2;
    value_unit_ = high > low ? high - low : 1;
    for (std::size_t i = 0; i < points.size(); ++i) {
      double t = (points[i].time_s - time_offset_) / time_unit_;
      double v = (points[i].value - value_offset_) / value_unit_;
      const Sums& s = sums_[i];
      sums_[i + 1] = {s.t + t, s.v + v, s.tt + t * t, s.tv + t * v, s.vv + v * v};
    }
  }

  /// In scaled units.
  Line line(std::size_t first, std::size_t end) const {
    const Sums& a = sums_[first];
    const Sums& b = sums_[end];
    double n = static_cast<double>(end - first);
    double t = (b.t - a.t) / n;
    double v = (b.v - a.v) / n;
    double tt = b.tt - a.tt - n * t * t;
    double tv = b.tv - a.tv - n * t * v;
    double vv = b.vv - a.vv - n * v * v;
    Line line;
    line.slope = tt > 1e-15 ? tv / tt : 0;
    line.middle_s = t;
    line.middle_value = v;
    line.squares = std::max(0.0, vv - line.slope * tv);
    return line;
  }

  /// In the points' own.
  Line real_line(std::size_t first, std::size_t end) const {
    Line scaled = line(first, end);
    return {scaled.slope * value_unit_ / time_unit_, scaled.middle_s * time_unit_ + time_offset_,
            scaled.middle_value * value_unit_ + value_offset_, 0};
  }

 private:
  struct Sums {
    double t = 0, v = 0, tt = 0, tv = 0, vv = 0;
  };
  std::vector<Sums> sums_;
  double time_offset_ = 0, time_unit_ = 1, value_offset_ = 0, value_unit_ = 1;
};

using Cut = std::vector<std::size_t>;  ///< ends of the pieces, the last is the number of points

/// The best cut into one, two … pieces.
std::vector<Cut> best_cuts(const LineSums& sums, std::size_t n, std::size_t most,
                           std::size_t shortest) {
  std::vector<std::vector<double>> cost(most, std::vector<double>(n + 1, kNever));
  std::vector<std::vector<std::size_t>> from(most, std::vector<std::size_t>(n + 1, 0));
  for (std::size_t end = shortest; end <= n; ++end) cost[0][end] = sums.line(0, end).squares;
  for (std::size_t k = 1; k < most; ++k) {
    for (std::size_t end = (k + 1) * shortest; end <= n; ++end) {
      for (std::size_t start = k * shortest; start + shortest <= end; ++start) {
        double total = cost[k - 1][start] + sums.line(start, end).squares;
        if (total < cost[k][end]) {
          cost[k][end] = total;
          from[k][end] = start;
        }
      }
    }
  }
  std::vector<Cut> cuts;
  for (std::size_t k = 0; k < most && cost[k][n] < kNever; ++k) {
    Cut cut(k + 1);
    std::size_t end = n;
    for (std::size_t i = k + 1; i-- > 0;) {
      cut[i] = end;
      end = from[i][end];
    }
    cuts.push_back(std::move(cut));
  }
  return cuts;
}

std::vector<Piece> pieces_by(std::span<const Point> points, const LineSums& sums, const Cut& cut) {
  std::vector<Piece> pieces;
  std::size_t first = 0;
  for (std::size_t end : cut) {
    Line line = sums.real_line(first, end);
    auto at = [&](std::size_t i) {
      return line.middle_value + line.slope * (points[i].time_s - line.middle_s);
    };
    pieces.push_back({first, end - first, line.slope, at(first), at(end - 1)});
    first = end;
  }
  return pieces;
}

}  // namespace

std::vector<Piece> pieces_of(std::span<const Point> points, const ChangePointRules& rules) {
  if (points.empty()) return {};
  std::size_t n = points.size();
  LineSums sums(points);
  std::size_t shortest = std::max<std::size_t>({rules.shortest, n / 16, 3});
  std::size_t most = n > kMostPoints ? 1 : std::min(rules.most_pieces, n / shortest);
  std::vector<Piece> best = pieces_by(points, sums, {n});
  if (most < 2) return best;
  double low = kNever;
  double high = -kNever;
  for (const Point& point : points) {
    low = std::min(low, point.value);
    high = std::max(high, point.value);
  }
  // Below this it is rounding, not noise.
  double grain = std::max((high - low) * (high - low) * 1e-6, 1e-12);
  double best_score = kNever;
  for (const Cut& cut : best_cuts(sums, n, most, shortest)) {
    std::vector<Piece> pieces = pieces_by(points, sums, cut);
    double free_numbers = rules.price * 3 * static_cast<double>(pieces.size());
    double score = model_score(rest_of(points, pieces), free_numbers, grain);
    if (score < best_score) {
      best_score = score;
      best = std::move(pieces);
    }
  }
  return best;
}

std::vector<double> rest_of(std::span<const Point> points, const std::vector<Piece>& pieces) {
  std::vector<double> rest;
  for (const Piece& piece : pieces)
    for (std::size_t i = piece.first; i < piece.first + piece.count; ++i)
      rest.push_back(points[i].value -
                     (piece.start + piece.slope * (points[i].time_s - points[piece.first].time_s)));
  return rest;
}

}  // namespace seep::monitor
