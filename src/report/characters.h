// Characters of UTF-8 text as a terminal shows them. Names of programs come from whoever started
// them, so nothing but what prints may reach a terminal: an escape sequence could rewrite it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace seep::report {

struct Character {
  char32_t code = 0;
  std::size_t bytes = 1;
};

/// The first character of text that is not empty. A byte that begins no valid character is one of
/// its own, U+FFFD.
Character first_character(std::string_view text);

/// 2 for East Asian wide characters and emoji, 0 for control, combining and formatting characters,
/// else 1. Independent of the locale, as wcwidth is not.
std::size_t width_of(char32_t code);

/// Valid UTF-8 in which every character takes a column: what does not is replaced by "?".
std::string printable(std::string_view text);

/// The same number of columns in ASCII: blocks become signs of about their weight, marks and lines
/// become letters and dashes, all else "?".
std::string in_ascii(std::string_view text);

}  // namespace seep::report
