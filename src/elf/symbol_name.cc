// The linker escapes dots of the last element of an import path, quotes, per cent signs, control
// bytes and bytes outside ASCII as %xx. Source: cmd/internal/objabi/path.go, PathToPrefix.
#include "elf/symbol_name.h"

namespace seep::elf {
namespace {

// The value of a lower-case hexadecimal digit, which is what the linker writes; -1 for others.
int digit_value(char letter) {
  if (letter >= '0' && letter <= '9') return letter - '0';
  if (letter >= 'a' && letter <= 'f') return letter - 'a' + 10;
  return -1;
}

}  // namespace

std::string readable_name(std::string_view symbol) {
  if (symbol.find('%') == std::string_view::npos) return std::string(symbol);
  std::string name;
  bool quoted = false;
  for (std::size_t i = 0; i < symbol.size(); ++i) {
    char letter = symbol[i];
    if (letter == '"' && (i == 0 || symbol[i - 1] != '\\')) quoted = !quoted;
    if (letter == '%' && !quoted && i + 2 < symbol.size()) {
      int high = digit_value(symbol[i + 1]), low = digit_value(symbol[i + 2]);
      if (high >= 0 && low >= 0) {
        name += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    name += letter;
  }
  return name;
}

}  // namespace seep::elf
