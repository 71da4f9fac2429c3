#include "report/watch_view.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

#include "report/process_page.h"
#include "report/watch_help.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::VerdictKind;
using monitor::WatchedProcess;
using monitor::WatchState;

constexpr std::array<std::string_view, kSortings> kNames = {
    "verdict", "RSS", "live heap", "goroutines", "limit", "forecast", "program", "pid"};

constexpr double kNothing = -1;

double urgency(const WatchedProcess& process) {
  if (!process.verdict) return kNothing;
  switch (process.verdict->kind) {
    case VerdictKind::kLeak:
      return 5;
    case VerdictKind::kGrowing:
      return 4;
    case VerdictKind::kNearLimit:
      return 3;
    case VerdictKind::kRssGap:
      return 2;
    case VerdictKind::kWarmingUp:
    case VerdictKind::kInconclusive:
      return 1;
    case VerdictKind::kHealthy:
      break;
  }
  return 0;
}

double figure_of(const WatchedProcess& process, Figure figure) {
  std::optional<std::int64_t> value = latest(process, figure);
  return value ? static_cast<double>(*value) : kNothing;
}

/// The larger, the further up.
double rank_of(const WatchedProcess& process, SortBy sort) {
  switch (sort) {
    case SortBy::kVerdict:
      return urgency(process);
    case SortBy::kRss:
      return figure_of(process, Figure::kRss);
    case SortBy::kLiveHeap:
      return figure_of(process, Figure::kHeapMarked);
    case SortBy::kGoroutines:
      return figure_of(process, Figure::kGoroutines);
    case SortBy::kLimitShare:
      return limit_share(process).value_or(kNothing);
    case SortBy::kForecast:
      if (!process.verdict || !process.verdict->forecast) break;
      return -process.verdict->forecast->reached_s;
    case SortBy::kPid:
      return -static_cast<double>(process.identity.pid);
    case SortBy::kProgram:
      return 0;
  }
  return -std::numeric_limits<double>::infinity();
}

struct Rank {
  bool ended = false;
  double rank = 0;
  double rss = 0;
};

/// The process that was selected, or who takes its place.
std::size_t row_of_selection(const WatchView& view, const WatchState& state,
                             const std::vector<std::size_t>& order) {
  auto row_where = [&](auto matches) {
    return static_cast<std::size_t>(
        std::find_if(order.begin(), order.end(),
                     [&](std::size_t index) { return matches(state.processes[index]); }) -
        order.begin());
  };
  if (!view.selected || !view.chosen) return 0;
  std::size_t row =
      row_where([&](const WatchedProcess& process) { return process.identity == *view.selected; });
  if (row < order.size()) return row;
  row = row_where([&](const WatchedProcess& process) {
    return process.program == view.program && !process.restarts_ns.empty() && !process.ended;
  });
  return std::min(row < order.size() ? row : view.row, order.size() - 1);
}

}  // namespace

std::string_view name_of(SortBy sort) { return kNames[static_cast<std::size_t>(sort)]; }

std::vector<std::size_t> ordered(const WatchState& state, SortBy sort, bool reversed) {
  std::vector<Rank> ranks;
  for (const WatchedProcess& process : state.processes)
    ranks.push_back({process.ended, rank_of(process, sort), figure_of(process, Figure::kRss)});
  std::vector<std::size_t> order(state.processes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  auto is_before = [&](std::size_t a, std::size_t b) {
    if (ranks[a].rank != ranks[b].rank) return ranks[a].rank > ranks[b].rank;
    const WatchedProcess& left = state.processes[a];
    const WatchedProcess& right = state.processes[b];
    if (sort == SortBy::kProgram && left.program != right.program)
      return left.program < right.program;
    if (ranks[a].rss != ranks[b].rss) return ranks[a].rss > ranks[b].rss;
    return left.identity.pid < right.identity.pid;
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (ranks[a].ended != ranks[b].ended) return ranks[b].ended;
    return reversed ? is_before(b, a) : is_before(a, b);
  });
  return order;
}

const WatchedProcess* selected_process(const WatchView& view, const WatchState& state) {
  if (!view.selected) return nullptr;
  auto found = std::find_if(
      state.processes.begin(), state.processes.end(),
      [&](const WatchedProcess& process) { return process.identity == *view.selected; });
  return found == state.processes.end() ? nullptr : &*found;
}

std::size_t page_lines(const WatchView& view) {
  constexpr std::size_t kAroundPage = 3;  // header, a line for messages, keys
  return view.height > kAroundPage + 2 ? view.height - kAroundPage : 2;
}

std::size_t list_rows(const WatchView& view) { return page_lines(view) - 1; }

void settle(WatchView& view, const WatchState& state) {
  if (view.page == Page::kHelp) {
    std::size_t lines = watch_help_lines(view.width).size();
    std::size_t last = lines > page_lines(view) ? lines - page_lines(view) : 0;
    view.first_line = std::min(view.first_line, last);
  }
  if (state.processes.empty()) {
    view.selected.reset();
    view.row = view.first_row = 0;
    if (view.page == Page::kProcess) view.page = Page::kList;
    return;
  }
  std::vector<std::size_t> order = ordered(state, view.sort, view.reversed);
  view.row = row_of_selection(view, state, order);
  const WatchedProcess& process = state.processes[order[view.row]];
  view.selected = process.identity;
  view.program = process.program;

  std::size_t rows = list_rows(view);
  std::size_t last_first = order.size() > rows ? order.size() - rows : 0;
  view.first_row = std::min({view.first_row, view.row, last_first});
  if (view.row >= view.first_row + rows) view.first_row = view.row - rows + 1;

  if (view.page == Page::kProcess)
    view.first_line = std::min(view.first_line, last_first_line(view, state, process));
}

}  // namespace seep::report
