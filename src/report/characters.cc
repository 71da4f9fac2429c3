#include "report/characters.h"

#include <algorithm>
#include <array>
#include <utility>

namespace seep::report {
namespace {

constexpr char32_t kInvalid = 0xfffd;

struct Range {
  char32_t first;
  char32_t last;
};

// Of Unicode 15's EastAsianWidth.txt the blocks that are wide (W, F), rounded to whole blocks.
constexpr std::array<Range, 15> kWide = {{{0x1100, 0x115f},
                                          {0x231a, 0x231b},
                                          {0x23e9, 0x23ec},
                                          {0x2e80, 0x303e},
                                          {0x3041, 0x4dbf},
                                          {0x4e00, 0xa4cf},
                                          {0xa960, 0xa97c},
                                          {0xac00, 0xd7a3},
                                          {0xf900, 0xfaff},
                                          {0xfe30, 0xfe6f},
                                          {0xff01, 0xff60},
                                          {0xffe0, 0xffe6},
                                          {0x1f300, 0x1f64f},
                                          {0x1f680, 0x1f9ff},
                                          {0x20000, 0x3fffd}}};

// Controls, surrogates, and of UnicodeData.txt what is Mn, Me or Cf in the scripts that stack
// marks; among them the signs that turn the direction of text.
constexpr std::array<Range, 26> kNoWidth = {
    {{0x0, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},     {0x300, 0x36f},   {0x483, 0x489},
     {0x591, 0x5bd},   {0x600, 0x605},   {0x610, 0x61c},   {0x64b, 0x65f},   {0x6d6, 0x6dd},
     {0x70f, 0x711},   {0x900, 0x902},   {0x93a, 0x93c},   {0x941, 0x948},   {0xe31, 0xe31},
     {0xe34, 0xe3a},   {0xe47, 0xe4e},   {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
     {0x2028, 0x202e}, {0x2060, 0x206f}, {0x20d0, 0x20f0}, {0xd800, 0xdfff}, {0xfe00, 0xfe0f},
     {0xfeff, 0xfeff}}};

template <std::size_t kCount>
bool is_in(const std::array<Range, kCount>& ranges, char32_t code) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](Range range) { return code >= range.first && code <= range.last; });
}

constexpr std::array<std::pair<char32_t, char>, 35> kInAscii = {{
    {U'▁', '_'}, {U'▂', '.'}, {U'▃', '-'}, {U'▄', '='}, {U'▅', '+'}, {U'▆', 'o'},  {U'▇', '*'},
    {U'█', '#'}, {U'▓', '%'}, {U'▒', '='}, {U'░', '~'}, {U'▉', '#'}, {U'▊', '*'},  {U'▋', '*'},
    {U'▌', '='}, {U'▍', '='}, {U'▎', '|'}, {U'▏', '|'}, {U'─', '-'}, {U'│', '|'},  {U'┊', ':'},
    {U'┤', '|'}, {U'└', '+'}, {U'·', '-'}, {U'–', '-'}, {U'…', '~'}, {U'✗', 'x'},  {U'✓', '+'},
    {U'▲', '^'}, {U'▼', 'v'}, {U'↑', '^'}, {U'↓', 'v'}, {U'−', '-'}, {U'’', '\''}, {U'×', 'x'},
}};

char ascii_of(char32_t code) {
  if (code < 0x80) return static_cast<char>(code);
  auto found = std::find_if(kInAscii.begin(), kInAscii.end(),
                            [code](const auto& row) { return row.first == code; });
  return found == kInAscii.end() ? '?' : found->second;
}

}  // namespace

Character first_character(std::string_view text) {
  unsigned char lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {kInvalid, 1};
  char32_t code = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    unsigned char next = static_cast<unsigned char>(text[i]);
    if ((next & 0xc0) != 0x80) return {kInvalid, 1};
    code = code << 6 | (next & 0x3f);
  }
  constexpr std::array<char32_t, 5> kShortest = {0, 0, 0x80, 0x800, 0x10000};
  bool valid = code >= kShortest[length] && code <= 0x10ffff && !(code >= 0xd800 && code < 0xe000);
  return valid ? Character{code, length} : Character{kInvalid, 1};
}

std::size_t width_of(char32_t code) {
  if (code >= 0x20 && code < 0x7f) return 1;
  if (is_in(kNoWidth, code)) return 0;
  return is_in(kWide, code) ? 2 : 1;
}

std::string printable(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    Character next = first_character(text);
    if (next.code == kInvalid || width_of(next.code) == 0)
      result += '?';
    else
      result += text.substr(0, next.bytes);
    text.remove_prefix(next.bytes);
  }
  return result;
}

std::string in_ascii(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    Character next = first_character(text);
    result.append(width_of(next.code), ascii_of(next.code));
    text.remove_prefix(next.bytes);
  }
  return result;
}

}  // namespace seep::report
