// What a person has chosen in the live view of a watch, and what the terminal is like. The screen
// is a function of it and of what the watch knows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "monitor/watched_process.h"

namespace seep::report {

/// In the order in which a key goes through them. What matters most comes first: the worst verdict,
/// the most memory, the earliest end.
enum class SortBy : std::uint8_t {
  kVerdict,
  kRss,
  kLiveHeap,
  kGoroutines,
  kLimitShare,
  kForecast,
  kProgram,
  kPid,
};
inline constexpr std::size_t kSortings = static_cast<std::size_t>(SortBy::kPid) + 1;

/// "verdict", "RSS", "limit".
std::string_view name_of(SortBy sort);

enum class Page : std::uint8_t { kList, kProcess, kHelp };

struct WatchView {
  std::size_t width = 80;
  std::size_t height = 24;
  bool ascii = false;             ///< the terminal shows nothing else
  bool layer_colours = false;     ///< it has colours enough to tell the parts of RSS apart
  std::int64_t utc_offset_s = 0;  ///< of the clock that is shown

  Page page = Page::kList;
  Page below_help = Page::kList;  ///< where the help goes back to
  SortBy sort = SortBy::kVerdict;
  bool reversed = false;
  /// Once it was `chosen` by a key it stays with the process when its row moves, and before that
  /// with the first row. `row` and `program` find the next best one when it is gone: its successor
  /// after a restart, or whoever is in its row now.
  std::optional<monitor::ProcessIdentity> selected;
  bool chosen = false;
  std::string program;
  std::size_t row = 0;
  std::size_t first_row = 0;   ///< of the list, on the screen
  std::size_t first_line = 0;  ///< of another page
  std::string message;         ///< until the next key
};

/// Indices of the processes in the order of the list. Those that have ended come last.
std::vector<std::size_t> ordered(const monitor::WatchState& state, SortBy sort, bool reversed);

/// The process that is selected; null where there is none.
const monitor::WatchedProcess* selected_process(const WatchView& view,
                                                const monitor::WatchState& state);

/// The lines of the list that show processes.
std::size_t list_rows(const WatchView& view);

/// The lines of a page, between the header and the two lines for messages and keys.
std::size_t page_lines(const WatchView& view);

/// Moves what no longer fits: a selection that is gone, rows and lines that are out of sight. To be
/// called before the screen is drawn.
void settle(WatchView& view, const monitor::WatchState& state);

}  // namespace seep::report
