// Programs that do not leak: what a watch takes for a leak when it looks at the slope alone.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes.h"

namespace seep::bench {

namespace {

constexpr double kMiB = 1 << 20;
constexpr double kDay = 86400;

using monitor::SeriesKind;

double wave_at(double time_s, double phase) {
  double angle = 2 * std::numbers::pi * (time_s / kDay + phase);
  return std::sin(angle) + 0.3 * std::sin(2 * angle + 1);
}

void flat(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  observe(scene, [level = scene.level](double) { return level; }, random, result);
}

/// Noise that stays on one side for a fourteenth to a ninth of the window.
void wandering(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.wander = scene.level * random.between(0.03, 0.12);
  scene.wander_time_s = scene.window_s * random.between(1.0 / 40, 1.0 / 12);
  observe(scene, [level = scene.level](double) { return level; }, random, result);
}

void sawtooth(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.kind = SeriesKind::kHeapInUse;
  scene.tooth_s = scene.window_s * random.by_magnitude(0.002, 1.0 / 25);
  observe(scene, [level = scene.level](double) { return level; }, random, result);
}

void wave_of_day(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 1.3, 7);
  double height = scene.level * random.between(0.05, 0.4);
  double phase = random.unit();
  observe(
      scene, [=, level = scene.level](double t) { return level + height * wave_at(t, phase); },
      random, result);
}

/// One to three deployments or changes of configuration, each with a level of its own.
void steps(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  std::vector<double> times;
  std::vector<double> heights;
  for (int i = random.whole(1, 3); i > 0; --i) {
    times.push_back(scene.window_s * random.between(0.08, 0.93));
    heights.push_back(scene.level * random.between(0.08, 0.6) *
                      (random.with_chance(0.75) ? 1 : -0.5));
  }
  observe(
      scene,
      [=, level = scene.level](double t) {
        double held = level;
        for (std::size_t i = 0; i < times.size(); ++i)
          if (t >= times[i]) held += heights[i];
        return std::max(held, 0.2 * level);
      },
      random, result);
}

/// A cache that fills: the more it holds, the rarer a miss.
void warm_up(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.by_magnitude(0.2, 5);
  double slow = scene.window_s / random.between(3, 15);
  observe(
      scene,
      [=, level = scene.level](double t) { return level + size * (1 - std::exp(-t / slow)); },
      random, result);
}

/// Keys of very unequal popularity fill it fast at first and for long.
void warm_up_with_tail(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.by_magnitude(0.2, 3);
  double slow = scene.window_s / random.between(6, 25);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return level + size * (1 - std::exp(-std::pow(t / slow, 0.65)));
      },
      random, result);
}

/// A cache that fills evenly up to its bound.
void fill_to_bound(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.by_magnitude(0.2, 4);
  double full = scene.window_s * random.between(0.1, 0.72);
  observe(
      scene, [=, level = scene.level](double t) { return level + size * std::min(1.0, t / full); },
      random, result);
}

void batch_jobs(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double period = scene.window_s / random.between(2.5, 12);
  double busy = random.between(0.1, 0.6);
  double phase = random.unit();
  double size = scene.level * random.between(0.2, 3);
  bool ramp = random.with_chance(0.5);
  observe(
      scene,
      [=, level = scene.level](double t) {
        double place = t / period + phase;
        place -= std::floor(place);
        if (place >= busy) return level;
        return level + size * (ramp ? place / busy : 1.0);
      },
      random, result);
}

/// Each run warms up and settles.
void restarts(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.window_s = random.by_magnitude(2 * 3600, 4 * kDay);
  scene.interval_s = scene.window_s / random.by_magnitude(600, 2400);
  scene.tooth_s = scene.window_s * random.by_magnitude(0.0005, 0.005);
  scene.wander_time_s = scene.window_s * random.by_magnitude(0.003, 0.02);
  std::vector<double> times;
  for (int i = random.whole(1, 3); i > 0; --i)
    times.push_back(scene.window_s * random.between(0.1, 0.95));
  std::sort(times.begin(), times.end());
  scene.restarts_s = times;
  double slow = scene.window_s * random.between(0.005, 0.04);
  double size = scene.level * random.between(0.1, 2);
  observe(
      scene,
      [=, level = scene.level](double t) {
        double born = 0;
        for (double time : times)
          if (t >= time) born = time;
        return level + size * (1 - std::exp(-(t - born) / slow));
      },
      random, result);
}

/// RSS keeps each new peak of the heap: pages are given back when the kernel wants them, not
/// before.
void ratchet(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.kind = SeriesKind::kLiveHeap;  // the peaks are made here
  scene.tooth_s = 0;
  scene.wander = 0;
  double swing = random.between(0.05, 0.5);
  double slow = scene.window_s / random.between(25, 120);
  double highest = 0;
  double wandered = 0;
  double last = 0;
  observe(
      scene,
      [=, &random, level = scene.level](double t) mutable {
        double kept = std::exp(-(t - last) / slow);
        wandered = kept * wandered + std::sqrt(1 - kept * kept) * random.normal();
        last = t;
        highest = std::max(highest, level * (1 + swing * wandered));
        return highest;
      },
      random, result);
  result.series.kind = SeriesKind::kRss;
}

/// What is live stays; how much garbage the collector allows goes up, and the heap with it.
void goal_drift(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.kind = random.with_chance(0.5) ? SeriesKind::kHeapInUse : SeriesKind::kRss;
  double from = random.between(1.2, 1.6);
  double to = from + random.between(0.4, 2);
  double begin = scene.window_s * random.between(0, 0.4);
  double length = scene.window_s * random.between(0.05, 0.35);
  scene.goal = [=](double t) {
    return from + (to - from) * std::clamp((t - begin) / length, 0.0, 1.0);
  };
  observe(scene, [level = scene.level](double) { return level; }, random, result);
}

/// Rises, for ever, by so little that it does not matter.
void immaterial(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double rise = std::min(0.008 * scene.level, 1.5 * kMiB);
  scene.white = std::min(scene.white, rise / 6);
  scene.wander = std::min(scene.wander, rise / 12);
  observe(
      scene,
      [=, level = scene.level, window = scene.window_s](double t) {
        return level + rise * t / window;
      },
      random, result);
}

void bursts(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  std::vector<std::pair<double, double>> bursts;
  for (int i = random.whole(3, 20); i > 0; --i)
    bursts.emplace_back(scene.window_s * random.unit(), scene.level * random.by_magnitude(0.3, 4));
  double slow = scene.window_s * random.by_magnitude(0.002, 0.03);
  observe(
      scene,
      [=, level = scene.level](double t) {
        double held = level;
        for (auto [time, size] : bursts)
          if (t >= time) held += size * std::exp(-(t - time) / slow);
        return held;
      },
      random, result);
}

/// Goroutines or files that come and go with the load.
void busy_counts(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random, false);
  scene.white = std::sqrt(scene.level) * random.between(0.5, 2);
  scene.wander = scene.level * random.between(0.02, 0.15);
  scene.wander_time_s = scene.window_s * random.between(1.0 / 200, 1.0 / 15);
  observe(scene, [level = scene.level](double) { return level; }, random, result);
}

void decline(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double fall = scene.level * random.between(0.1, 0.7);
  double slow = scene.window_s * random.between(0.1, 2);
  observe(
      scene,
      [=, level = scene.level](double t) { return level - fall * (1 - std::exp(-t / slow)); },
      random, result);
}

/// A cache is thrown away once and fills again.
void flushed(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.between(0.3, 3);
  double time = scene.window_s * random.between(0.15, 0.6);
  double slow = scene.window_s * random.between(0.02, 0.1);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return level + size * (t < time ? 1 : 1 - std::exp(-(t - time) / slow));
      },
      random, result);
}

/// Reading the data in at the start takes more than serving it.
void peak_at_start(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.between(0.3, 3);
  double loaded = scene.window_s * random.between(0.02, 0.3);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return t < loaded ? 0.3 * level + (0.7 * level + size) * t / loaded : level;
      },
      random, result);
}

}  // namespace

const std::vector<Shape>& steady_shapes() {
  static const std::vector<Shape> shapes = {
      {"flat", Truth::kSteady, flat},
      {"wandering noise", Truth::kSteady, wandering},
      {"sawtooth", Truth::kSteady, sawtooth},
      {"daily wave", Truth::kSteady, wave_of_day},
      {"steps after deployments", Truth::kSteady, steps},
      {"cache warm-up", Truth::kSteady, warm_up},
      {"cache warm-up, long tail", Truth::kSteady, warm_up_with_tail},
      {"cache filled to its bound", Truth::kSteady, fill_to_bound},
      {"batch jobs", Truth::kSteady, batch_jobs},
      {"restarts", Truth::kSteady, restarts},
      {"RSS keeps its peaks", Truth::kSteady, ratchet},
      {"GC goal drift", Truth::kSteady, goal_drift},
      {"immaterial rise", Truth::kSteady, immaterial},
      {"bursts of load", Truth::kSteady, bursts},
      {"counts under load", Truth::kSteady, busy_counts},
      {"decline", Truth::kSteady, decline},
      {"cache flushed and refilled", Truth::kSteady, flushed},
      {"peak at start", Truth::kSteady, peak_at_start},
  };
  return shapes;
}

}  // namespace seep::bench
