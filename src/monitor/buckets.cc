#include "monitor/buckets.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "monitor/order_statistics.h"

namespace seep::monitor {

namespace {

/// As many samples are taken as they are when there are few of them.
constexpr std::size_t kFewSamples = 36;
constexpr std::size_t kSamplesEach = 3;
/// All the counts tried divide this.
constexpr std::size_t kFine = 960;
constexpr std::array<std::size_t, 8> kCounts = {120, 96, 64, 48, 40, 32, 24, 16};

/// `each` neighbours as one. Fine buckets that are missing are not made up for: their neighbours
/// close up by their time.
std::vector<Bucket> joined(const std::vector<Bucket>& fine, double start, double span,
                           std::size_t count) {
  std::vector<Bucket> result;
  std::size_t current = count;
  for (const Bucket& bucket : fine) {
    double share = span > 0 ? (bucket.time_s - start) / span : 0;
    std::size_t index =
        std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
    if (result.empty() || index != current) {
      current = index;
      result.push_back(bucket);
      continue;
    }
    Bucket& last = result.back();
    double all = static_cast<double>(last.samples + bucket.samples);
    double part = static_cast<double>(bucket.samples) / all;
    last.time_s += (bucket.time_s - last.time_s) * part;
    last.mean += (bucket.mean - last.mean) * part;
    last.low = std::min(last.low, bucket.low);
    last.high = std::max(last.high, bucket.high);
    last.samples += bucket.samples;
  }
  return result;
}

/// The error of a slope through the floors, but for a constant: what jumps between neighbours,
/// measured so that trends and single jumps do not count, by the root of their number.
double roughness(const std::vector<Bucket>& buckets) {
  std::vector<double> turns;
  for (std::size_t i = 2; i < buckets.size(); ++i)
    turns.push_back(std::abs(buckets[i].low - 2 * buckets[i - 1].low + buckets[i - 2].low));
  return median(std::move(turns)) / std::sqrt(static_cast<double>(buckets.size()));
}

}  // namespace

std::vector<Bucket> buckets_of(std::span<const Point> points, std::size_t count) {
  std::vector<Bucket> buckets;
  if (points.empty() || count == 0) return buckets;
  double start = points.front().time_s;
  double span = points.back().time_s - start;
  std::size_t current = count;  // none yet
  for (const Point& point : points) {
    double share = span > 0 ? (point.time_s - start) / span : 0;
    std::size_t index =
        std::min(count - 1, static_cast<std::size_t>(share * static_cast<double>(count)));
    if (buckets.empty() || index != current) {
      current = index;
      buckets.push_back({0, point.value, point.value, 0, 0});
    }
    Bucket& bucket = buckets.back();
    bucket.time_s += point.time_s - start;
    bucket.mean += point.value;
    bucket.low = std::min(bucket.low, point.value);
    bucket.high = std::max(bucket.high, point.value);
    ++bucket.samples;
  }
  for (Bucket& bucket : buckets) {
    bucket.time_s = start + bucket.time_s / static_cast<double>(bucket.samples);
    bucket.mean /= static_cast<double>(bucket.samples);
  }
  return buckets;
}

std::vector<Bucket> best_buckets(std::span<const Point> points) {
  if (points.empty()) return {};
  if (points.size() <= kFewSamples) return buckets_of(points, points.size());
  std::vector<Bucket> fine = buckets_of(points, std::min(points.size(), kFine));
  double start = points.front().time_s;
  double span = points.back().time_s - start;
  std::vector<Bucket> best;
  double least = 0;
  for (std::size_t count : kCounts) {
    if (count * kSamplesEach > points.size() && count > kFewSamples) continue;
    std::vector<Bucket> buckets = joined(fine, start, span, count);
    double rough = roughness(buckets);
    // Wider buckets lose detail: they must be worth it.
    if (best.empty() || rough < 0.7 * least) {
      best = std::move(buckets);
      least = rough;
    }
  }
  return best;
}

std::vector<Point> floors_of(const std::vector<Bucket>& buckets) {
  std::vector<Point> points;
  for (const Bucket& bucket : buckets) points.push_back({bucket.time_s, bucket.low});
  return points;
}

std::vector<Point> ceilings_of(const std::vector<Bucket>& buckets) {
  std::vector<Point> points;
  for (const Bucket& bucket : buckets) points.push_back({bucket.time_s, bucket.high});
  return points;
}

}  // namespace seep::monitor
