#include "base/count_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace seep {

std::string count_text(std::uint64_t count) {
  std::string digits = std::to_string(count);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string counted(std::uint64_t count, std::string_view noun) {
  std::string text = count_text(count) + " " + std::string(noun);
  if (count != 1) text += "s";
  return text;
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0)) seconds = 0;
  if (seconds < 9.95) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f s", seconds);
    return text.data();
  }
  // Beyond this no clock of a program runs; it also keeps the conversion below defined.
  seconds = std::min(seconds, 1e12);
  std::uint64_t whole = static_cast<std::uint64_t>(std::llround(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  auto two = [](std::uint64_t high, const char* high_unit, std::uint64_t low,
                const char* low_unit) {
    std::string text = count_text(high) + " " + high_unit;
    if (low != 0) text += " " + std::to_string(low) + " " + low_unit;
    return text;
  };
  if (whole < 600) return two(whole / 60, "min", whole % 60, "s");
  std::uint64_t minutes = whole / 60;
  if (minutes < 60) return std::to_string(minutes) + " min";
  if (minutes < 24 * 60) return two(minutes / 60, "h", minutes % 60, "min");
  return two(minutes / (24 * 60), "d", minutes / 60 % 24, "h");
}

std::string percent_text(double part, double whole) {
  if (!(whole > 0) || !(part > 0)) return "0 %";
  double percent = 100 * part / whole;
  if (percent < 0.5) return "under 1 %";
  return std::to_string(std::llround(percent)) + " %";
}

}  // namespace seep
