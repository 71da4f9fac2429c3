// Text for a terminal: widths in columns, shares as bars, colours with one meaning each. The rules
// are in docs/look.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seep::report {

struct TextStyle {
  bool colour = false;
  bool bars = false;
  std::size_t width = 100;
};

enum class Ink {
  kPlain,
  kLeak,        ///< red
  kSuspicious,  ///< yellow: suspicious, or near a limit
  kRuledOut,    ///< green
  kDetail,      ///< dim
  kStrong,      ///< bold: the answer
};

/// `text` in its colour, or as it is where colour is off.
std::string ink(const TextStyle& style, Ink ink, std::string_view text);

/// Columns that UTF-8 text takes; escape sequences of ink() take none.
std::size_t columns(std::string_view text);

std::string pad_left(std::string_view text, std::size_t width);
std::string pad_right(std::string_view text, std::size_t width);

/// A share of 0 ... 1 as `cells` columns, in eighths: "██████▉   ".
std::string bar(double share, std::size_t cells);

/// At most `width` columns: the middle gives way to "…", the ends stay.
std::string shorten_middle(std::string_view text, std::size_t width);

/// Lines of at most `width` columns, broken at spaces; a longer word stands alone and whole.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// `label` in the margin of its first line, `text` wrapped beside it.
std::string labelled(std::string_view label, std::string_view text, std::size_t margin,
                     std::size_t width);

/// `parts` with " · " between them; a line that would not fit ends between two parts, never inside
/// one, and the next begins with `indent`.
std::string in_lines(const std::vector<std::string>& parts, const TextStyle& style, Ink how,
                     const std::string& indent);

/// The last two elements of a path, with the line: "retry/queue.go:88"; empty without a file.
std::string place_text(std::string_view file, std::uint32_t line);

}  // namespace seep::report
