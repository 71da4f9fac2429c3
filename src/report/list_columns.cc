#include "report/list_columns.h"

#include <algorithm>

namespace seep::report {
namespace {

constexpr std::array<ListColumnRow, kListColumns> kRows = {{
    {"program", "program", false, 10, 32},
    {"pid", "pid", true, 4, 10},
    {"go", "go", false, 8, 14},
    {"container", "container", false, 12, 24},
    {"RSS", "RSS", true, 8, 8},
    {"", "", false, 6, 24},
    {"live heap", "heap", true, 8, 9},
    {"", "", false, 6, 24},
    {"goroutines", "gorout.", true, 7, 10},
    {"limit", "limit", true, 5, 5},
    {"", "", false, 8, 11},
    {"limit in", "in", true, 6, 8},
    {"verdict", "verdict", false, 7, 14},
}};

constexpr std::array<ListColumn, 4> kAlways = {ListColumn::kProgram, ListColumn::kPid,
                                               ListColumn::kRss, ListColumn::kVerdict};
constexpr std::array<ListColumn, 9> kAsRoomAllows = {
    ListColumn::kLimitShare, ListColumn::kForecast,  ListColumn::kGoroutines,
    ListColumn::kRssCurve,   ListColumn::kLiveHeap,  ListColumn::kLiveHeapCurve,
    ListColumn::kGoVersion,  ListColumn::kContainer, ListColumn::kLimit};
constexpr std::size_t kReadableName = 16;
constexpr std::size_t kReadableCurve = 10;
// In this order what is left over is given away.
constexpr std::array<ListColumn, 4> kGrowing = {ListColumn::kProgram, ListColumn::kContainer,
                                                ListColumn::kGoroutines, ListColumn::kLiveHeap};

bool is_curve(ListColumn column) {
  return column == ListColumn::kRssCurve || column == ListColumn::kLiveHeapCurve;
}

class Room {
 public:
  Room(const std::array<std::size_t, kListColumns>& content, std::size_t width)
      : content_(content), left_(width) {}

  std::size_t wanted(ListColumn column) const {
    const ListColumnRow& row = row_of(column);
    if (is_curve(column)) return row.most;
    std::size_t words = std::max(content_[index(column)], row.title.size());
    return std::clamp(words, row.least, row.most);
  }
  /// What it takes at least.
  std::size_t least(ListColumn column) const {
    bool growing =
        is_curve(column) || std::find(kGrowing.begin(), kGrowing.end(), column) != kGrowing.end();
    return growing ? row_of(column).least : wanted(column);
  }
  bool has_content(ListColumn column) const { return content_[index(column)] > 0; }

  bool take(ListColumn column) {
    std::size_t needs = least(column) + (shown_ > 0 ? widths_.gap : 0);
    if (needs > left_) return false;
    widths_.columns[index(column)] = least(column);
    left_ -= needs;
    ++shown_;
    return true;
  }
  void widen_gaps() {
    if (shown_ == 0 || left_ < shown_ - 1) return;
    left_ -= shown_ - 1;
    ++widths_.gap;
  }
  void grow(ListColumn column, std::size_t most) {
    std::size_t& width = widths_.columns[index(column)];
    if (width == 0 || width >= most) return;
    std::size_t more = std::min(most - width, left_);
    width += more;
    left_ -= more;
  }
  /// Both alike, so that they can be compared.
  void grow_curves(std::size_t most) {
    bool two = widths_.of(ListColumn::kLiveHeapCurve) > 0;
    std::size_t width = widths_.of(ListColumn::kRssCurve) + left_ / (two ? 2 : 1);
    grow(ListColumn::kRssCurve, std::min(width, most));
    grow(ListColumn::kLiveHeapCurve, std::min(width, most));
  }
  const ListWidths& widths() const { return widths_; }

 private:
  static std::size_t index(ListColumn column) { return static_cast<std::size_t>(column); }

  const std::array<std::size_t, kListColumns>& content_;
  std::size_t left_;
  std::size_t shown_ = 0;
  ListWidths widths_;
};

}  // namespace

const ListColumnRow& row_of(ListColumn column) { return kRows[static_cast<std::size_t>(column)]; }

ListWidths list_widths(const std::array<std::size_t, kListColumns>& content, std::size_t width) {
  Room room(content, width);
  for (ListColumn column : kAlways) room.take(column);
  for (ListColumn column : kAsRoomAllows) {
    bool curve_of_nothing =
        column == ListColumn::kLiveHeapCurve && room.widths().of(ListColumn::kLiveHeap) == 0;
    // A name that can be read is worth more than what follows.
    if (column == ListColumn::kContainer)
      room.grow(ListColumn::kProgram, std::min(room.wanted(ListColumn::kProgram), kReadableName));
    if (room.has_content(column) && !curve_of_nothing) room.take(column);
  }
  room.grow(ListColumn::kForecast, room.wanted(ListColumn::kForecast));
  // Curves of some length come before air between the columns, and air before long ones.
  room.grow_curves(kReadableCurve);
  room.widen_gaps();
  for (ListColumn column : kGrowing) room.grow(column, room.wanted(column));
  room.grow_curves(row_of(ListColumn::kRssCurve).most);
  return room.widths();
}

}  // namespace seep::report
