// Programs that leak, in windows long enough to see it: what they add in the window is at least 6 %
// of the level, eight deviations of the noise, 8 MiB or 100 things, and, where there is a daily
// wave, 0.4 of its height in two and a half days or more.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes.h"

namespace seep::bench {

namespace {

constexpr double kMiB = 1 << 20;
constexpr double kDay = 86400;

using monitor::SeriesKind;

double least_growth(const Scene& scene) {
  bool counts = scene.kind == SeriesKind::kGoroutines || scene.kind == SeriesKind::kOpenFiles;
  double few = counts ? std::max(100.0, 0.2 * scene.level) : std::max(8 * kMiB, 0.06 * scene.level);
  return std::max(few, 8 * scene.noise());
}

/// Over the whole window.
double some_growth(const Scene& scene, RandomSource& random) {
  double least = least_growth(scene);
  return random.by_magnitude(least, std::max(2 * least, 3 * scene.level));
}

void set_rate(LabelledSeries& result, double growth, double seconds) {
  result.true_rate = growth / seconds;
}

void even(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene, [level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

/// Days to two weeks, and hardly more than the least that can be seen.
void slow(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 2, 14);
  double growth = least_growth(scene) * random.between(1, 1.6);
  set_rate(result, growth, scene.window_s);
  observe(
      scene, [level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

void in_sawtooth(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.kind = SeriesKind::kHeapInUse;
  scene.tooth_s = scene.window_s * random.by_magnitude(0.002, 1.0 / 25);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene, [level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

double wave_at(double time_s, double phase) {
  double angle = 2 * std::numbers::pi * (time_s / kDay + phase);
  return std::sin(angle) + 0.3 * std::sin(2 * angle + 1);
}

void under_wave(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 2.5, 8);
  double height = scene.level * random.between(0.04, 0.35);
  double phase = random.unit();
  double growth =
      std::max(some_growth(scene, random), 0.8 * height);  // the wave is two heights high
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return level + rate * t + height * wave_at(t, phase);
      },
      random, result);
}

/// Each request leaks, and at night there are few.
void with_load(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 2.5, 8);
  double phase = random.unit();
  double depth = random.between(0.4, 1);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        double angle = 2 * std::numbers::pi;
        double load = t - depth * kDay / angle *
                              (std::cos(angle * (t / kDay + phase)) - std::cos(angle * phase));
        return level + rate * load;
      },
      random, result);
}

/// A job now and then, each of which leaves something behind.
void by_jobs(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  int jobs = random.whole(10, 60);
  double period = scene.window_s / jobs;
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level](double t) { return level + growth / jobs * std::floor(t / period); },
      random, result);
}

/// Begins with a deployment, or with the first use of something.
void late_start(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double begin = scene.window_s * random.between(0.15, 0.6);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s - begin);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return level + rate * std::max(0.0, t - begin);
      },
      random, result);
}

void after_warm_up(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double size = scene.level * random.by_magnitude(0.2, 2);
  double slow = scene.window_s * random.between(0.01, 0.06);
  scene.level += size;
  double growth = std::max(some_growth(scene, random), 0.2 * size);
  scene.level -= size;
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return level + size * (1 - std::exp(-t / slow)) + rate * t;
      },
      random, result);
}

void goroutines(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random, false);
  scene.kind = SeriesKind::kGoroutines;
  scene.white = std::sqrt(scene.level) * random.between(0.3, 1);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene, [level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

void files(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random, false);
  scene.kind = SeriesKind::kOpenFiles;
  scene.level = random.by_magnitude(15, 500);
  scene.white = scene.level * random.between(0.005, 0.05);
  scene.wander = scene.level * random.between(0.005, 0.03);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  observe(
      scene, [level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

/// Killed or deployed now and then, and each run leaks the same way.
void restarted(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.window_s = random.by_magnitude(3 * 3600, 4 * kDay);
  scene.interval_s = scene.window_s / random.by_magnitude(900, 2400);
  scene.tooth_s = scene.window_s * random.by_magnitude(0.0005, 0.005);
  scene.wander_time_s = scene.window_s * random.by_magnitude(0.003, 0.015);
  std::vector<double> times;
  for (int i = random.whole(1, 2); i > 0; --i)
    times.push_back(scene.window_s * random.between(0.3, 0.95));
  std::sort(times.begin(), times.end());
  scene.restarts_s = times;
  double growth = some_growth(scene, random);  // in the first run, which is long
  set_rate(result, growth, times.front());
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        double born = 0;
        for (double time : times)
          if (t >= time) born = time;
        return level + rate * (t - born);
      },
      random, result);
}

void accelerating(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = some_growth(scene, random);
  double bend = random.between(0.2, 0.8);
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, window = scene.window_s](double t) {
        double share = t / window;
        return level + growth * ((1 - bend) * share + bend * share * share);
      },
      random, result);
}

/// Pieces of very different size at random times.
void in_pieces(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = some_growth(scene, random);
  set_rate(result, growth, scene.window_s);
  int pieces = random.whole(60, 400);  // a window
  std::vector<double> held{0};
  for (int i = 0; i < 7 * pieces; ++i)
    held.push_back(held.back() - std::log(1 - random.unit()) * growth / pieces);
  observe(
      scene,
      [=, level = scene.level, window = scene.window_s](double t) {
        std::size_t i = static_cast<std::size_t>(t / window * pieces);
        return level + held[std::min(i, held.size() - 1)];
      },
      random, result);
}

/// A deployment in the middle adds to the level and cures nothing.
void with_step(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = some_growth(scene, random);
  double height = growth * random.between(0.15, 0.6);
  double time = scene.window_s * random.between(0.1, 0.7);
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return level + rate * t + (t >= time ? height : 0);
      },
      random, result);
}

/// Jobs that come back on top of a leak that does not.
void under_jobs(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double period = scene.window_s / random.between(6, 25);
  double busy = random.between(0.1, 0.4);
  double growth = some_growth(scene, random);
  double size = growth * random.between(0.2, 0.8);
  set_rate(result, growth, scene.window_s);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        double place = t / period - std::floor(t / period);
        return level + rate * t + (place < busy ? size : 0);
      },
      random, result);
}

/// What the program held before is let go, and more than the leak brings in the window.
void behind_fall(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double time = scene.window_s * random.between(0.15, 0.5);
  double growth = some_growth(scene, random);
  double height = growth * random.between(0.5, 2);
  set_rate(result, growth, scene.window_s - time);
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return t < time ? level + height : level + rate * (t - time);
      },
      random, result);
}

}  // namespace

const std::vector<Shape>& leaking_shapes() {
  static const std::vector<Shape> shapes = {
      {"leak, even", Truth::kLeaks, even},
      {"leak, slow, days", Truth::kLeaks, slow},
      {"leak in a sawtooth", Truth::kLeaks, in_sawtooth},
      {"leak under a daily wave", Truth::kLeaks, under_wave},
      {"leak with the load", Truth::kLeaks, with_load},
      {"leak job by job", Truth::kLeaks, by_jobs},
      {"leak that begins late", Truth::kLeaks, late_start},
      {"leak after a warm-up", Truth::kLeaks, after_warm_up},
      {"leak of goroutines", Truth::kLeaks, goroutines},
      {"leak of files", Truth::kLeaks, files},
      {"leak with restarts", Truth::kLeaks, restarted},
      {"leak that accelerates", Truth::kLeaks, accelerating},
      {"leak in unequal pieces", Truth::kLeaks, in_pieces},
      {"leak with a step", Truth::kLeaks, with_step},
      {"leak under batch jobs", Truth::kLeaks, under_jobs},
      {"leak behind a fall", Truth::kLeaks, behind_fall},
  };
  return shapes;
}

}  // namespace seep::bench
