#include "ends.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>

#include "monitor/random_source.h"

namespace seep::bench {

namespace {

using monitor::OomCause;
using monitor::RandomSource;

constexpr double kMiB = 1 << 20;

/// Shares of the limit over shares of the window.
using Course = std::function<double(double)>;

Course course_of(OomCause cause, RandomSource& random) {
  double level = random.between(0.15, 0.6);
  switch (cause) {
    case OomCause::kLeak:
      return [=](double share) { return level + (1.02 - level) * share; };
    case OomCause::kTooMuchData: {
      double climb = random.by_magnitude(0.004, 0.1);
      double wave = level * random.between(0, 0.2);
      double periods = random.between(1, 8);
      return [=](double share) {
        double base = level + wave * std::sin(2 * std::numbers::pi * periods * share);
        double late = std::max(0.0, share - (1 - climb)) / climb;
        return base + (1.05 - base) * late;
      };
    }
    case OomCause::kLimitTooSmall:
      break;
  }
  double set = random.between(0.84, 0.93);
  double start = random.between(0.3, 0.8);
  double slow = random.between(0.01, 0.08);
  return [=](double share) { return set - (set - start) * std::exp(-share / slow); };
}

LabelledEnd made(OomCause cause, std::uint64_t seed) {
  RandomSource random(seed);
  LabelledEnd end;
  end.cause = cause;
  end.seed = seed;
  end.limit = random.by_magnitude(100, 8000) * kMiB;
  end.series.kind = monitor::SeriesKind::kRss;
  Course course = course_of(cause, random);
  double window = random.by_magnitude(1800, 2 * 86400);
  double step = window / random.by_magnitude(300, 2000);
  bool small = cause == OomCause::kLimitTooSmall;
  double wander =
      (small ? random.between(0.015, 0.03) : random.by_magnitude(0.001, 0.02)) * end.limit;
  double kept = std::exp(-step / (window * random.by_magnitude(0.003, 0.03)));
  double noise = 0;
  for (double time = 0; time < window; time += step) {
    noise = kept * noise + std::sqrt(1 - kept * kept) * wander * random.normal();
    double value = course(time / window) * end.limit + noise;
    std::int64_t now = static_cast<std::int64_t>(time * 1e9);
    end.series.samples.push_back({now, now, std::clamp(value, 0.0, end.limit)});
    // Killed there; not before there is something to tell.
    if (value >= end.limit && time > window / 3) break;
  }
  return end;
}

}  // namespace

std::vector<LabelledEnd> generated_ends(std::uint64_t first_seed, int each) {
  std::vector<LabelledEnd> all;
  for (OomCause cause : {OomCause::kLeak, OomCause::kTooMuchData, OomCause::kLimitTooSmall})
    for (int i = 0; i < each; ++i) all.push_back(made(cause, first_seed + all.size()));
  return all;
}

}  // namespace seep::bench
