#include "base/byte_size.h"

#include <array>
#include <cstdio>

namespace seep {

std::string to_text(ByteSize size) {
  static constexpr std::array<const char*, 6> kUnits = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  double value = static_cast<double>(size.bytes());
  std::size_t unit = 0;
  // 1023.5 would print as "1024 KiB": step to the next unit where rounding would reach it.
  while (value >= 1023.5 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  int decimals = 0;
  if (unit > 0 && value < 9.995) {
    decimals = 2;
  } else if (unit > 0 && value < 99.95) {
    decimals = 1;
  }
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, kUnits[unit]);
  return text.data();
}

}  // namespace seep
