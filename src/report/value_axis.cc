#include "report/value_axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string_view>

#include "base/byte_size.h"
#include "base/count_text.h"

namespace seep::report {
namespace {

// Times a power of two: halves are round down to one of what follows, and to 512 of the unit below.
constexpr std::array<double, 4> kRoundBytes = {1, 1.25, 1.5, 2};
constexpr std::array<double, 7> kRoundCounts = {1, 1.2, 1.6, 2, 4, 6, 8};
constexpr std::string_view kUnits = "MGTPE";
constexpr double kLargest = 1e18;

}  // namespace

double round_top(double value, bool bytes) {
  value = std::clamp(value, 1.0, kLargest);
  if (bytes) {
    double power = std::exp2(std::floor(std::log2(value)));
    for (double factor : kRoundBytes)
      if (factor * power >= value) return factor * power;
    return 2 * power;
  }
  // Below 20 only even numbers have halves that are whole.
  if (value <= 20) return std::max(2.0, 2 * std::ceil(value / 2));
  double power = std::pow(10, std::floor(std::log10(value)));
  for (double factor : kRoundCounts)
    if (factor * power >= value) return std::round(factor * power);
  return 10 * power;
}

std::string axis_label(double value, bool bytes) {
  value = std::clamp(value, 0.0, kLargest);
  std::uint64_t whole = static_cast<std::uint64_t>(std::llround(value));
  if (bytes) return whole == 0 ? "0" : to_text(ByteSize(whole));
  if (whole < 1000000) return count_text(whole);
  double scaled = value / 1e6;
  std::size_t unit = 0;
  while (scaled >= 999.5 && unit + 1 < kUnits.size()) {
    scaled /= 1000;
    ++unit;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3g %c", scaled, kUnits[unit]);
  return text.data();
}

}  // namespace seep::report
