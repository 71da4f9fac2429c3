#include "report/ps_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/count_text.h"
#include "report/report_head.h"

namespace seep::report {
namespace {

using analysis::ProcessReport;
using analysis::ProcessRow;

// From this share of its limit on a process is near it.
constexpr double kNearLimit = 0.8;
constexpr std::size_t kNarrowestName = 12;
constexpr const char* kNothing = "–";
constexpr std::size_t kGap = 2;

enum ColumnId {
  kPid,
  kProgram,
  kGo,
  kContainer,
  kRss,
  kHeap,
  kGoroutines,
  kLimit,
  kVerdict,
  kColumns
};

struct Column {
  const char* text;
  bool right = false;
};

constexpr std::array<Column, kColumns> kHeads = {{{"pid", true},
                                                  {"program"},
                                                  {"go"},
                                                  {"container"},
                                                  {"rss", true},
                                                  {"live heap", true},
                                                  {"goroutines", true},
                                                  {"limit", true},
                                                  {"verdict"}}};

using Cells = std::array<std::string, kColumns>;
using Widths = std::array<std::size_t, kColumns>;

// Control characters in a program's name would reach the terminal.
std::string printable(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
  return text;
}

// Versions end with " X:NAMES" or "-X:NAMES" where the toolchain was built with experiments.
std::string without_experiments(const std::string& version) {
  std::size_t mark = version.find("X:");
  return mark == std::string::npos || mark < 2 ? version : version.substr(0, mark - 1);
}

double share_of_limit(const ProcessRow& row) {
  if (!row.limit || row.limit->bytes() == 0) return 0;
  return static_cast<double>(row.rss.bytes()) / static_cast<double>(row.limit->bytes());
}

Cells cells_of(const ProcessRow& row) {
  Cells cells;
  cells[kPid] = std::to_string(row.pid);
  cells[kProgram] = printable(row.program);
  cells[kGo] = printable(without_experiments(row.go_version));
  cells[kContainer] = row.container.empty() ? kNothing : printable(row.container_short);
  cells[kRss] = seep::to_text(row.rss);
  cells[kHeap] = row.heap_live ? seep::to_text(*row.heap_live) : kNothing;
  cells[kGoroutines] = row.goroutines ? count_text(*row.goroutines) : kNothing;
  cells[kLimit] = kNothing;
  if (row.limit) {
    long percent = std::lround(std::min(share_of_limit(row), 9.99) * 100);
    cells[kLimit] = std::to_string(percent) + " % of " + seep::to_text(*row.limit);
  }
  cells[kVerdict] = row.verdict.empty() ? kNothing : printable(row.verdict);
  return cells;
}

// A column that says nothing of any process is left out.
std::vector<ColumnId> columns_with_content(const std::vector<Cells>& lines) {
  std::vector<ColumnId> shown;
  for (std::size_t i = 0; i < kColumns; ++i) {
    bool says = std::any_of(lines.begin(), lines.end(),
                            [i](const Cells& cells) { return cells[i] != kNothing; });
    if (says) shown.push_back(static_cast<ColumnId>(i));
  }
  return shown;
}

// Columns as wide as what is in them; the names give way where the line is too long.
Widths widths_of(const std::vector<Cells>& lines, const std::vector<ColumnId>& shown,
                 std::size_t whole) {
  Widths widths{};
  std::size_t used = kGap * (shown.size() - 1);
  for (ColumnId id : shown) {
    for (const Cells& cells : lines) widths[id] = std::max(widths[id], columns(cells[id]));
    used += widths[id];
  }
  for (ColumnId name : {kProgram, kContainer, kGo}) {
    std::size_t least = std::min(widths[name], kNarrowestName);
    std::size_t excess = used > whole ? used - whole : 0;
    std::size_t cut = std::min(excess, widths[name] - least);
    widths[name] -= cut;
    used -= cut;
  }
  return widths;
}

std::string line_of(const Cells& cells, const Widths& widths, const std::vector<ColumnId>& shown) {
  std::string line;
  for (ColumnId id : shown) {
    std::string cell = shorten_middle(cells[id], widths[id]);
    line += (line.empty() ? "" : std::string(kGap, ' ')) +
            (kHeads[id].right ? pad_left(cell, widths[id]) : pad_right(cell, widths[id]));
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

}  // namespace

std::string ps_text(const ProcessReport& report, const TextStyle& style) {
  if (report.rows.empty()) return "no Go process is running that this user may see\n";
  std::vector<Cells> lines;
  for (const ProcessRow& row : report.rows) lines.push_back(cells_of(row));
  std::vector<ColumnId> shown = columns_with_content(lines);
  Cells head;
  for (std::size_t i = 0; i < kColumns; ++i) head[i] = kHeads[i].text;
  lines.insert(lines.begin(), head);
  Widths widths = widths_of(lines, shown, style.width);
  std::string text = ink(style, Ink::kDetail, line_of(head, widths, shown)) + "\n";
  for (std::size_t i = 0; i < report.rows.size(); ++i) {
    bool near = share_of_limit(report.rows[i]) >= kNearLimit;
    std::string line = line_of(lines[i + 1], widths, shown);
    text += ink(style, near ? Ink::kSuspicious : Ink::kPlain, line) + "\n";
  }
  std::string largest = std::to_string(report.rows.front().pid);
  text += "\n" + more_line({"seep diagnose " + largest, "seep heap " + largest}, style);
  return text;
}

}  // namespace seep::report
