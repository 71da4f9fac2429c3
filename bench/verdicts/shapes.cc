#include "shapes.h"

#include <cmath>
#include <numbers>

namespace seep::bench {

namespace {

constexpr double kMiB = 1 << 20;
constexpr double kDay = 86400;

/// A leak that the noise still covers.
void below_noise(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.wander = std::max(scene.wander, 0.01 * scene.level);
  double growth = scene.noise() * random.between(0.3, 1);
  result.true_rate = growth / scene.window_s;
  observe(
      scene,
      [=, level = scene.level, rate = result.true_rate](double t) { return level + rate * t; },
      random, result);
}

/// A cache that fills evenly and is not full yet.
void still_filling(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  double growth = std::max(8 * scene.noise(), random.between(0.1, 1) * scene.level) + 8 * kMiB;
  observe(
      scene,
      [=, level = scene.level, window = scene.window_s](double t) {
        return level + growth * t / window;
      },
      random, result);
}

/// A few hours of the morning.
void morning(RandomSource& random, LabelledSeries& result) {
  Scene scene = some_scene(random);
  scene.window_s = 3600 * random.between(2, 6);
  scene.interval_s = scene.window_s / random.by_magnitude(180, 1000);
  scene.wander_time_s = scene.window_s * random.by_magnitude(0.003, 1.0 / 20);
  scene.tooth_s = scene.window_s * random.by_magnitude(0.001, 1.0 / 50);
  double height = scene.level * random.between(0.1, 0.4);
  double start = random.between(-0.2, -0.12);
  observe(
      scene,
      [=, level = scene.level](double t) {
        return level + height * std::sin(2 * std::numbers::pi * (t / kDay + start));
      },
      random, result);
}

void append(std::vector<LabelledSeries>& all, const std::vector<Shape>& shapes,
            std::uint64_t first_seed, int each) {
  for (const Shape& shape : shapes) {
    for (int i = 0; i < each; ++i) {
      LabelledSeries series;
      series.shape = shape.name;
      series.truth = shape.truth;
      series.seed = first_seed + static_cast<std::uint64_t>(all.size());
      RandomSource random(series.seed);
      shape.make(random, series);
      all.push_back(std::move(series));
    }
  }
}

}  // namespace

const std::vector<Shape>& undecidable_shapes() {
  static const std::vector<Shape> shapes = {
      {"leak below the noise", Truth::kUndecidable, below_noise},
      {"cache still filling", Truth::kUndecidable, still_filling},
      {"rise of a morning", Truth::kUndecidable, morning},
  };
  return shapes;
}

std::vector<LabelledSeries> generated_series(std::uint64_t first_seed, int each) {
  std::vector<LabelledSeries> all;
  append(all, steady_shapes(), first_seed, each);
  append(all, leaking_shapes(), first_seed, each);
  append(all, undecidable_shapes(), first_seed, each);
  return all;
}

std::vector<LabelledSeries> other_series(std::uint64_t first_seed, int each) {
  std::vector<LabelledSeries> all;
  append(all, other_shapes(), first_seed, each);
  return all;
}

}  // namespace seep::bench
