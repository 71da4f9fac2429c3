// What a full-screen view shows, without a terminal: lines of styled text that fit its size
// exactly.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/text_layout.h"

namespace seep::report {

struct CellStyle {
  Ink ink = Ink::kPlain;
  bool selected = false;
  /// The colour of a part of RSS (rss_layers.h), counted from 1, of the character and of what is
  /// behind it; 0: none.
  std::uint8_t layer = 0;
  std::uint8_t behind = 0;

  bool operator==(const CellStyle&) const = default;
};

struct Span {
  std::string text;
  CellStyle style;
};

/// Nothing but printable characters gets in, whatever is added.
class Line {
 public:
  Line() = default;
  explicit Line(std::string_view text, CellStyle style = {}) { add(text, style); }

  Line& add(std::string_view text, CellStyle style = {});
  Line& add(std::string_view text, Ink ink) { return add(text, CellStyle{.ink = ink}); }
  Line& add(const Line& other);
  /// Spaces up to this width.
  Line& pad(std::size_t width);
  /// Exactly this width: padded, or its end cut off.
  Line& fit(std::size_t width);
  Line& select();
  /// All of it in one colour.
  Line& paint(Ink ink);

  std::size_t width() const { return width_; }
  const std::vector<Span>& spans() const { return spans_; }
  std::string text() const;

 private:
  std::vector<Span> spans_;
  std::size_t width_ = 0;
};

struct Screen {
  std::size_t width = 0;
  std::vector<Line> lines;
};

/// `lines`, cut or filled up to the size.
Screen screen_of(std::vector<Line> lines, std::size_t width, std::size_t height);

/// The same in ASCII, for terminals that know nothing else.
Screen in_ascii(const Screen& screen);

/// Its text, a line each without the spaces at their ends.
std::string text_of(const Screen& screen);

}  // namespace seep::report
