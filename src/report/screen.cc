#include "report/screen.h"

#include <algorithm>

#include "report/characters.h"

namespace seep::report {
namespace {

/// What fits; a wide character that would stick out gives way to a space.
std::string first_columns(std::string_view text, std::size_t width) {
  std::string result;
  while (!text.empty() && width > 0) {
    Character next = first_character(text);
    std::size_t takes = width_of(next.code);
    if (takes > width) return result + ' ';
    result += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
    width -= takes;
  }
  return result;
}

}  // namespace

Line& Line::add(std::string_view text, CellStyle style) {
  if (text.empty()) return *this;
  std::string shown = printable(text);
  width_ += columns(shown);
  if (!spans_.empty() && spans_.back().style == style)
    spans_.back().text += shown;
  else
    spans_.push_back({std::move(shown), style});
  return *this;
}

Line& Line::add(const Line& other) {
  for (const Span& span : other.spans_) add(span.text, span.style);
  return *this;
}

Line& Line::pad(std::size_t width) {
  if (width_ < width) add(std::string(width - width_, ' '));
  return *this;
}

Line& Line::fit(std::size_t width) {
  if (width_ <= width) return pad(width);
  Line cut;
  for (const Span& span : spans_) {
    if (cut.width_ >= width) break;
    cut.add(first_columns(span.text, width - cut.width_), span.style);
  }
  *this = std::move(cut);
  return *this;
}

Line& Line::select() {
  for (Span& span : spans_) span.style.selected = true;
  return *this;
}

Line& Line::paint(Ink ink) {
  for (Span& span : spans_) span.style = {.ink = ink, .selected = span.style.selected};
  return *this;
}

std::string Line::text() const {
  std::string text;
  for (const Span& span : spans_) text += span.text;
  return text;
}

Screen screen_of(std::vector<Line> lines, std::size_t width, std::size_t height) {
  lines.resize(height);
  for (Line& line : lines) line.fit(width);
  return {.width = width, .lines = std::move(lines)};
}

Screen in_ascii(const Screen& screen) {
  Screen result{.width = screen.width, .lines = {}};
  for (const Line& line : screen.lines) {
    Line& ascii = result.lines.emplace_back();
    for (const Span& span : line.spans()) ascii.add(in_ascii(span.text), span.style);
  }
  return result;
}

std::string text_of(const Screen& screen) {
  std::string text;
  for (const Line& line : screen.lines) {
    std::string one = line.text();
    one.erase(one.find_last_not_of(' ') + 1);
    text += one + "\n";
  }
  return text;
}

}  // namespace seep::report
