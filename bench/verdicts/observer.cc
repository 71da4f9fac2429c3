#include "observer.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace seep::bench {

namespace {

using monitor::Sample;
using monitor::SeriesKind;

constexpr double kMiB = 1 << 20;
/// How many windows a leaking series is continued, to see when it reaches its limit.
constexpr double kContinued = 5;
constexpr std::int64_t kStart = 1'760'000'000'000'000'000;  // wall clock

/// The noise of one series, step by step.
class Noise {
 public:
  Noise(const Scene& scene, RandomSource& random)
      : scene_(scene), random_(random), wandered_(random.normal() * scene.wander) {}

  double next(double step_s) {
    double kept = std::exp(-step_s / scene_.wander_time_s);
    wandered_ = kept * wandered_ + std::sqrt(1 - kept * kept) * scene_.wander * random_.normal();
    return wandered_ + scene_.white * random_.normal();
  }

 private:
  const Scene& scene_;
  RandomSource& random_;
  double wandered_;
};

/// What each way of seeing makes of the holding.
class Eye {
 public:
  Eye(const Scene& scene, RandomSource& random)
      : scene_(scene), random_(random), next_tooth_(tooth() * random.unit()) {}

  double see(double time_s, double held) {
    held = std::max(held, 0.0);
    switch (scene_.kind) {
      case SeriesKind::kLiveHeap:
        return live(time_s, held);
      case SeriesKind::kHeapInUse:
        return live(time_s, held) * in_tooth(time_s);
      case SeriesKind::kRss:
      case SeriesKind::kStacks:
        return resident(time_s, held);
      default:
        return std::round(held);
    }
  }

  void restart() { resident_ = 0; }

 private:
  double tooth() { return scene_.tooth_s * random_.between(0.7, 1.3); }

  /// As the last collection found it.
  double live(double time_s, double held) {
    if (last_tooth_ < 0 || time_s >= next_tooth_) {
      marked_ = held;
      last_tooth_ = time_s;
      while (next_tooth_ <= time_s) next_tooth_ += std::max(tooth(), 1e-3);
    }
    return marked_;
  }

  double in_tooth(double time_s) {
    double passed = (time_s - last_tooth_) / std::max(next_tooth_ - last_tooth_, 1e-9);
    return 1 + (scene_.goal(time_s) - 1) * std::clamp(passed, 0.0, 1.0);
  }

  /// Rises with the heap's peaks at once, falls slowly.
  double resident(double time_s, double held) {
    double peak = held * (0.75 + 0.25 * scene_.goal(time_s)) + 12 * kMiB;
    double fall = std::exp(-scene_.interval_s / (0.08 * scene_.window_s));
    resident_ = std::max(peak, held + (resident_ - held) * fall);
    return resident_;
  }

  const Scene& scene_;
  RandomSource& random_;
  double next_tooth_;
  double last_tooth_ = -1;
  double marked_ = 0;
  double resident_ = 0;
};

/// Single samples that are missing, and now and then a long hole.
void make_holes(std::vector<Sample>& samples, double window_s, RandomSource& random) {
  double missing = random.with_chance(0.3) ? random.between(0.03, 0.3) : 0;
  double hole = random.with_chance(0.2) ? random.between(0.04, 0.2) : 0;
  double hole_start = random.between(0.1, 0.9 - hole);
  std::vector<Sample> kept;
  for (const Sample& sample : samples) {
    double share = static_cast<double>(sample.monotonic_ns) * 1e-9 / window_s;
    if (share >= hole_start && share < hole_start + hole) continue;
    if (missing > 0 && random.with_chance(missing)) continue;
    kept.push_back(sample);
  }
  samples = std::move(kept);
}

/// A limit somewhere on the way of the continued series, wherever its peaks lie, and when it is
/// first reached.
void choose_limit(const std::vector<monitor::Point>& later, double highest, RandomSource& random,
                  LabelledSeries& result) {
  if (later.empty()) return;
  double end = 0;
  for (const monitor::Point& point : later) end = std::max(end, point.value);
  double limit = 1.01 * highest + random.between(0, 0.5) * (end - highest);
  for (const monitor::Point& point : later) {
    if (point.value < limit) continue;
    result.limit = limit;
    result.reached_s = point.time_s;
    return;
  }
}

}  // namespace

double Scene::noise() const { return std::sqrt(white * white + wander * wander); }

Scene some_scene(RandomSource& random, bool bytes) {
  Scene scene;
  scene.window_s = random.by_magnitude(1800, 3 * 86400);
  scene.interval_s = scene.window_s / random.by_magnitude(180, 2400);
  scene.level = bytes ? random.by_magnitude(30, 3000) * kMiB : random.by_magnitude(30, 5000);
  scene.white = scene.level * random.by_magnitude(0.001, 0.02);
  scene.wander = scene.level * random.by_magnitude(0.001, 0.025);
  scene.wander_time_s = scene.window_s * random.by_magnitude(0.003, 1.0 / 14);
  scene.tooth_s = scene.window_s * random.by_magnitude(0.0005, 1.0 / 30);
  double goal = random.between(1.5, 2.2);
  scene.goal = [goal](double) { return goal; };
  int kind = random.whole(0, 9);
  scene.kind = kind < 5   ? SeriesKind::kLiveHeap
               : kind < 7 ? SeriesKind::kHeapInUse
                          : SeriesKind::kRss;
  if (!bytes) scene.kind = kind < 7 ? SeriesKind::kGoroutines : SeriesKind::kOpenFiles;
  return scene;
}

Scene scene_of_days(RandomSource& random, double fewest, double most) {
  Scene scene = some_scene(random);
  scene.window_s = 86400 * random.between(fewest, most);
  scene.interval_s = scene.window_s / random.by_magnitude(400, 3000);
  scene.wander_time_s = scene.window_s * random.by_magnitude(0.003, 1.0 / 20);
  scene.tooth_s = scene.window_s * random.by_magnitude(0.0005, 1.0 / 200);
  return scene;
}

void observe(const Scene& scene, const Holding& holding, RandomSource& random,
             LabelledSeries& result) {
  Noise noise(scene, random);
  Eye eye(scene, random);
  result.series.kind = scene.kind;
  result.window_s = scene.window_s;
  double end = scene.window_s;
  if (result.truth == Truth::kLeaks && scene.restarts_s.empty()) end += kContinued * scene.window_s;
  std::vector<monitor::Point> later;
  double highest = 0;
  std::size_t restarts = 0;
  for (double time = 0; time < end; time += scene.interval_s) {
    if (restarts < scene.restarts_s.size() && time >= scene.restarts_s[restarts]) {
      ++restarts;
      eye.restart();
      result.series.restarts_ns.push_back(static_cast<std::int64_t>(time * 1e9));
    }
    double value = eye.see(time, holding(time) + noise.next(scene.interval_s));
    if (time >= scene.window_s) {
      later.push_back({time - scene.window_s, value});
      continue;
    }
    highest = std::max(highest, value);
    std::int64_t now = static_cast<std::int64_t>(time * 1e9);
    result.series.samples.push_back({now, kStart + now, value});
  }
  make_holes(result.series.samples, scene.window_s, random);
  choose_limit(later, highest, random, result);
}

}  // namespace seep::bench
