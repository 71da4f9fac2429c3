#include "report/text_layout.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "report/characters.h"

namespace seep::report {
namespace {

// As much of UTF-8 text without escape sequences as fits into so many columns.
std::string_view first_columns(std::string_view text, std::size_t width) {
  std::size_t at = 0;
  while (at < text.size()) {
    Character next = first_character(text.substr(at));
    std::size_t takes = width_of(next.code);
    if (takes > width) break;
    width -= takes;
    at += next.bytes;
  }
  return text.substr(0, at);
}

// The same from its end.
std::string_view last_columns(std::string_view text, std::size_t width) {
  std::size_t excess = columns(text);
  while (excess > width) {
    Character next = first_character(text);
    excess -= width_of(next.code);
    text.remove_prefix(next.bytes);
  }
  return text;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : " · ") + part;
  return text;
}

}  // namespace

std::string ink(const TextStyle& style, Ink ink, std::string_view text) {
  const char* code = nullptr;
  switch (ink) {
    case Ink::kPlain:
      break;
    case Ink::kLeak:
      code = "\033[31m";
      break;
    case Ink::kSuspicious:
      code = "\033[33m";
      break;
    case Ink::kRuledOut:
      code = "\033[32m";
      break;
    case Ink::kDetail:
      code = "\033[2m";
      break;
    case Ink::kStrong:
      code = "\033[1m";
      break;
  }
  if (!style.colour || code == nullptr || text.empty()) return std::string(text);
  return code + std::string(text) + "\033[0m";
}

std::size_t columns(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    if (text.front() == '\033') {
      std::size_t end = text.find('m');
      text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
      continue;
    }
    Character next = first_character(text);
    count += width_of(next.code);
    text.remove_prefix(next.bytes);
  }
  return count;
}

std::string pad_left(std::string_view text, std::size_t width) {
  std::size_t have = columns(text);
  return std::string(width > have ? width - have : 0, ' ') + std::string(text);
}

std::string pad_right(std::string_view text, std::size_t width) {
  std::size_t have = columns(text);
  return std::string(text) + std::string(width > have ? width - have : 0, ' ');
}

std::string bar(double share, std::size_t cells) {
  static constexpr std::array<const char*, 8> kEighths = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  if (!(share > 0)) return std::string(cells, ' ');
  std::size_t eighths =
      static_cast<std::size_t>(std::lround(std::min(share, 1.0) * static_cast<double>(cells) * 8));
  eighths = std::max<std::size_t>(eighths, 1);
  std::string text;
  for (std::size_t i = 0; i < eighths / 8; ++i) text += "█";
  text += kEighths[eighths % 8];
  return pad_right(text, cells);
}

std::string shorten_middle(std::string_view text, std::size_t width) {
  std::size_t have = columns(text);
  if (have <= width) return std::string(text);
  if (width < 2) return "…";
  std::size_t tail = (width - 1) / 2;
  std::size_t head = width - 1 - tail;
  return std::string(first_columns(text, head)) + "…" + std::string(last_columns(text, tail));
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = std::min(text.find(' ', at), text.size());
    std::string_view word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    if (!line.empty() && columns(line) + 1 + columns(word) > width) {
      lines.push_back(std::move(line));
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

std::string labelled(std::string_view label, std::string_view text, std::size_t margin,
                     std::size_t width) {
  std::string result;
  std::string head = pad_right(label, margin);
  for (const std::string& line : wrap(text, width > margin + 20 ? width - margin : 20)) {
    result += head + line + "\n";
    head = std::string(margin, ' ');
  }
  return result;
}

std::string place_text(std::string_view file, std::uint32_t line) {
  if (file.empty()) return "";
  std::size_t last = file.rfind('/');
  std::size_t before = last == std::string_view::npos || last == 0 ? std::string_view::npos
                                                                   : file.rfind('/', last - 1);
  if (before != std::string_view::npos) file.remove_prefix(before + 1);
  return std::string(file) + ":" + std::to_string(line);
}

std::string in_lines(const std::vector<std::string>& parts, const TextStyle& style, Ink how,
                     const std::string& indent) {
  std::string text;
  std::vector<std::string> line;
  auto flush = [&] {
    text += ink(style, how, (text.empty() ? "" : indent) + joined(line)) + "\n";
    line.clear();
  };
  for (const std::string& part : parts) {
    std::vector<std::string> longer = line;
    longer.push_back(part);
    if (!line.empty() && columns(joined(longer)) + indent.size() > style.width) flush();
    line.push_back(part);
  }
  if (!line.empty()) flush();
  return text;
}

}  // namespace seep::report
