// Random numbers that are the same on every machine: the standard library leaves open how its
// distributions are made from the generator, so they are made here.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

namespace seep::monitor {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed * 0x9e3779b97f4a7c15 + 1) {
    engine_.discard(16);
  }

  /// From 0 to below 1.
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  /// Each order of magnitude as likely as the next.
  double by_magnitude(double low, double high) {
    return std::exp(between(std::log(low), std::log(high)));
  }
  bool with_chance(double chance) { return unit() < chance; }
  int whole(int low, int high) {
    return low + static_cast<int>(unit() * static_cast<double>(high - low + 1));
  }

  double normal() {
    double radius = std::sqrt(-2 * std::log(1 - unit()));
    return radius * std::cos(2 * std::numbers::pi * unit());
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace seep::monitor
