// Small steps for taking the kernel's text files apart: lines, words, numbers. Text comes as handed
// in and is not trusted; whatever does not parse is "nothing".
#pragma once

#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

namespace seep::procfs {

/// Cuts the first line off `text` (without its newline). Nothing at the end.
inline std::optional<std::string_view> next_line(std::string_view& text) {
  if (text.empty()) return std::nullopt;
  std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

/// Cuts the first word off `text`: blanks and tabs part words. Nothing at the end.
inline std::optional<std::string_view> next_word(std::string_view& text) {
  std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    text = {};
    return std::nullopt;
  }
  std::size_t end = text.find_first_of(" \t", begin);
  if (end == std::string_view::npos) end = text.size();
  std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

/// The whole of `text` as a number of type T, or nothing.
template <typename T>
std::optional<T> parse_number(std::string_view text, int base = 10) {
  T value{};
  std::from_chars_result done =
      std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (done.ec != std::errc{} || done.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// The next word as a number.
template <typename T>
std::optional<T> next_number(std::string_view& text, int base = 10) {
  std::optional<std::string_view> word = next_word(text);
  return word ? parse_number<T>(*word, base) : std::nullopt;
}

}  // namespace seep::procfs
