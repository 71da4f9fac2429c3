// Shapes that no threshold was chosen with, in neither half: how the verdicts do on what their
// author did not have in mind when tuning them.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "shapes.h"

namespace seep::bench {

namespace {

constexpr double kMiB = 1 << 20;
constexpr double kDay = 86400;

double load_of_week(double time_s, double phase) {
  double day = time_s / kDay + phase;
  double weekend = std::fmod(day, 7) < 5 ? 1 : 0.45;
  return weekend * (1 + 0.5 * std::sin(2 * std::numbers::pi * day));
}

void week(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 2, 12);
  double phase = 7 * random.unit();
  double height = scene.level * random.between(0.05, 0.25);
  observe(
      scene, [=, level = scene.level](double t) { return level + height * load_of_week(t, phase); },
      random, result);
}

/// Load that comes and goes in hours, not in days.
void tide(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double period = scene.window_s / random.between(1.6, 7);
  double phase = random.unit();
  double height = scene.level * random.between(0.05, 0.3);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return level + height * std::sin(2 * std::numbers::pi * (t / period + phase));
      },
      random, result);
}

/// Single samples far off, as when a request holds much for a second.
void spikes(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double chance = random.by_magnitude(0.01, 0.2);
  observe(
      scene,
      [=, &random, level = scene.level](double) {
        return random.with_chance(chance) ? level * random.by_magnitude(1.2, 10) : level;
      },
      random, result);
}

/// A heap given back page by page after a peak.
void scavenged(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double peak = scene.window_s * random.between(0.05, 0.5);
  double size = scene.level * random.between(0.5, 3);
  double length = scene.window_s * random.between(0.1, 0.5);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return t < peak ? level : level + size * std::max(0.0, 1 - (t - peak) / length);
      },
      random, result);
}

/// Two caches, of which the larger begins to fill when the first is warm.
void two_caches(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double first = scene.level * random.between(0.2, 1);
  double second = scene.level * random.between(0.2, 2);
  double begin = scene.window_s * random.between(0.15, 0.35);
  double slow = scene.window_s * random.between(0.02, 0.08);
  observe(
      scene,
      [=, level = scene.level](double t) {
        double later = std::max(0.0, t - begin);
        return level + first * (1 - std::exp(-t / slow)) + second * (1 - std::exp(-later / slow));
      },
      random, result);
}

double growth_of(const Scene& scene, RandomSource& random) {
  double least = std::max({8 * kMiB, 0.06 * scene.level, 8 * scene.noise()});
  return random.by_magnitude(least, std::max(2 * least, 3 * scene.level));
}

void leak_in_week(RandomSource& random, LabelledSeries& result) {
  Scene scene = scene_of_days(random, 4, 12);
  double phase = 7 * random.unit();
  double height = scene.level * random.between(0.05, 0.15);
  double growth = std::max(growth_of(scene, random), 1.5 * height);
  result.true_rate = growth / scene.window_s;
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        return level + rate * t + height * load_of_week(t, phase);
      },
      random, result);
}

void leak_with_spikes(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double chance = random.by_magnitude(0.01, 0.1);
  double growth = growth_of(scene, random);
  result.true_rate = growth / scene.window_s;
  observe(
      scene,
      [=, &random, level = scene.level, rate = result.true_rate](double t) {
        double held = level + rate * t;
        return random.with_chance(chance) ? held * random.by_magnitude(1.2, 4) : held;
      },
      random, result);
}

/// Stops now and then, when the feature that leaks is not used.
void leak_with_pauses(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double period = scene.window_s / random.between(4, 12);
  double busy = random.between(0.4, 0.8);
  double growth = growth_of(scene, random);
  result.true_rate = growth / scene.window_s;
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) {
        double periods = std::floor(t / period);
        double inside = std::min(t / period - periods, busy) / busy;
        return level + rate * period * (periods + inside);
      },
      random, result);
}

/// Each error makes the next one likelier.
void leak_that_doubles(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = growth_of(scene, random);
  double doublings = random.between(0.5, 2);
  result.true_rate = growth / scene.window_s;
  observe(
      scene,
      [=, level = scene.level, window = scene.window_s](double t) {
        double all = std::exp2(doublings) - 1;
        return level + growth * (std::exp2(std::min(t / window, 4.0) * doublings) - 1) / all;
      },
      random, result);
}

}  // namespace

const std::vector<Shape>& other_shapes() {
  static const std::vector<Shape> shapes = {
      {"week with its weekend", Truth::kSteady, week},
      {"tide of hours", Truth::kSteady, tide},
      {"spikes", Truth::kSteady, spikes},
      {"scavenged after a peak", Truth::kSteady, scavenged},
      {"two caches", Truth::kSteady, two_caches},
      {"leak in a week with its weekend", Truth::kLeaks, leak_in_week},
      {"leak with spikes", Truth::kLeaks, leak_with_spikes},
      {"leak with pauses", Truth::kLeaks, leak_with_pauses},
      {"leak that doubles", Truth::kLeaks, leak_that_doubles},
  };
  return shapes;
}

}  // namespace seep::bench
