// Which columns the live view's list has, and how wide they are. What tells most stays longest: a
// narrow terminal loses containers and versions first, small curves and the live heap after them.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace seep::report {

enum class ListColumn : std::size_t {
  kProgram,
  kPid,
  kGoVersion,
  kContainer,
  kRss,
  kRssCurve,
  kLiveHeap,
  kLiveHeapCurve,
  kGoroutines,
  kLimitShare,
  kLimit,
  kForecast,
  kVerdict,
};
inline constexpr std::size_t kListColumns = static_cast<std::size_t>(ListColumn::kVerdict) + 1;

struct ListColumnRow {
  std::string_view title;
  std::string_view short_title;  ///< where the title is too wide
  bool right = false;
  std::size_t least = 0;
  std::size_t most = 0;
};
const ListColumnRow& row_of(ListColumn column);

/// Columns of text each column of the list takes, and how far apart they are.
struct ListWidths {
  std::array<std::size_t, kListColumns> columns{};  ///< 0: left out
  std::size_t gap = 1;

  std::size_t of(ListColumn column) const { return columns[static_cast<std::size_t>(column)]; }
};

/// `content` is the widest cell of each column, 0 where no process has anything to say in it;
/// curves are as wide as there is room.
ListWidths list_widths(const std::array<std::size_t, kListColumns>& content, std::size_t width);

}  // namespace seep::report
