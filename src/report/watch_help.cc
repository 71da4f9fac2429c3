#include "report/watch_help.h"

#include <algorithm>
#include <array>

namespace seep::report {
namespace {

struct HelpRow {
  const char* label;
  const char* text;
  Ink ink = Ink::kStrong;
};

constexpr std::array<HelpRow, 8> kKeys = {{
    {"↑ ↓  j k", "another process; on its page: scroll"},
    {"PgUp PgDn  g G", "the same by pages, to the first, to the last"},
    {"enter", "open the process"},
    {"esc  backspace", "back to the list"},
    {"s  r", "sort by another column; reverse"},
    {"S", "save a snapshot of the process"},
    {"?", "this help"},
    {"q  ctrl-c", "quit"},
}};

constexpr std::array<HelpRow, 8> kSigns = {{
    {"✗ leak", "rises steadily, for long and by much", Ink::kLeak},
    {"! growing", "rises; too short or too little to exclude load or a filling cache",
     Ink::kSuspicious},
    {"! near-limit", "steady, but little is left below the limit", Ink::kSuspicious},
    {"! rss-gap", "RSS far above what Go accounts for; see: seep rss PID", Ink::kSuspicious},
    {"✓ healthy", "growth that matters would have been seen", Ink::kRuledOut},
    {"· warming-up", "rose from its start, and bends towards a level", Ink::kDetail},
    {"· inconclusive", "the samples cannot decide yet; the page says what it takes", Ink::kDetail},
    {"▁▃▆ · │", "a figure over time; a gap; the program began anew", Ink::kDetail},
}};

template <std::size_t kCount>
void add_rows(std::vector<Line>& lines, const std::array<HelpRow, kCount>& rows,
              std::size_t width) {
  constexpr std::size_t kMargin = 20;
  for (const HelpRow& row : rows) {
    bool first = true;
    for (const std::string& part : wrap(row.text, std::max(width, 2 * kMargin) - kMargin)) {
      lines.emplace_back(pad_right(first ? row.label : "", kMargin), CellStyle{.ink = row.ink});
      lines.back().add(part);
      first = false;
    }
  }
}

}  // namespace

std::vector<Line> watch_help_lines(std::size_t width) {
  std::vector<Line> lines;
  add_rows(lines, kKeys, width);
  lines.emplace_back();
  add_rows(lines, kSigns, width);
  return lines;
}

}  // namespace seep::report
