// Cutting the statements of a drawing into words.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace seep::test {

std::string_view trimmed(std::string_view text);
/// Splits at `separator` outside brackets; pieces are trimmed, empty ones dropped.
std::vector<std::string_view> split_outside_brackets(std::string_view text, char separator);
/// A whole decimal number; none if there is anything else.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// Takes words off the front of a text.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(trimmed(text)) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  std::string_view next() {
    std::string_view word = first();
    rest_ = trimmed(rest_.substr(word.size()));
    return word;
  }
  /// All up to the next attribute of a goroutine; names of types may contain spaces.
  std::string until_attribute() {
    static constexpr std::array<std::string_view, 7> kAttributes = {
        "in", "by", "parent", "for", "stack", "system", "cut"};
    std::string text;
    while (!empty() &&
           std::find(kAttributes.begin(), kAttributes.end(), first()) == kAttributes.end()) {
      if (!text.empty()) text += ' ';
      text += next();
    }
    return text;
  }

 private:
  std::string_view first() const {
    return rest_.substr(0, std::min(rest_.find(' '), rest_.size()));
  }

  std::string_view rest_;
};

}  // namespace seep::test
