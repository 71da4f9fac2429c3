#include "report/watch_keys.h"

#include <algorithm>

namespace seep::report {
namespace {

using monitor::WatchState;

/// By so many lines, backwards if negative; in the list the selection, on a page the page.
void move(WatchView& view, const WatchState& state, std::ptrdiff_t lines) {
  bool list = view.page == Page::kList;
  std::size_t& place = list ? view.row : view.first_line;
  std::size_t back = lines < 0 ? static_cast<std::size_t>(-lines) : 0;
  if (back > 0)
    place -= std::min(place, back);
  else
    place += static_cast<std::size_t>(lines);
  if (!list || state.processes.empty()) return;
  std::vector<std::size_t> order = ordered(state, view.sort, view.reversed);
  view.row = std::min(view.row, order.size() - 1);
  view.selected = state.processes[order[view.row]].identity;
  view.chosen = true;
}

void open(WatchView& view) {
  if (view.page != Page::kList || !view.selected) return;
  view.page = Page::kProcess;
  view.chosen = true;
  view.first_line = 0;
}

void back(WatchView& view) { view.page = view.page == Page::kHelp ? view.below_help : Page::kList; }

void toggle_help(WatchView& view) {
  if (view.page == Page::kHelp) return back(view);
  view.below_help = view.page;
  view.first_line = 0;
  view.page = Page::kHelp;
}

void sort_by_next(WatchView& view) {
  if (view.page != Page::kList) return;
  view.sort = static_cast<SortBy>((static_cast<std::size_t>(view.sort) + 1) % kSortings);
  view.reversed = false;
}

Request snapshot(WatchView& view, const WatchState& state) {
  const monitor::WatchedProcess* process = selected_process(view, state);
  if (process == nullptr || view.page == Page::kHelp) return Request::kNone;
  if (!process->ended) return Request::kSnapshot;
  view.message = process->program + " has ended; there is nothing left to take a snapshot of";
  return Request::kNone;
}

}  // namespace

Key key_of(char letter) {
  switch (letter) {
    case 'k':
      return Key::kUp;
    case 'j':
      return Key::kDown;
    case 'g':
      return Key::kHome;
    case 'G':
      return Key::kEnd;
    case '\n':
    case '\r':
      return Key::kOpen;
    case '\033':
    case '\b':
    case 0x7f:
      return Key::kBack;
    case 's':
      return Key::kSort;
    case 'r':
      return Key::kReverse;
    case 'S':
      return Key::kSnapshot;
    case '?':
    case 'h':
      return Key::kHelp;
    case 'q':
      return Key::kQuit;
    default:
      return Key::kNone;
  }
}

Request press(WatchView& view, const WatchState& state, Key key) {
  constexpr std::ptrdiff_t kFar = 1 << 20;  // more than there ever are lines
  std::ptrdiff_t page = static_cast<std::ptrdiff_t>(list_rows(view));
  Request request = Request::kNone;
  view.message.clear();
  switch (key) {
    case Key::kNone:
      break;
    case Key::kUp:
      move(view, state, -1);
      break;
    case Key::kDown:
      move(view, state, 1);
      break;
    case Key::kPageUp:
      move(view, state, -page);
      break;
    case Key::kPageDown:
      move(view, state, page);
      break;
    case Key::kHome:
      move(view, state, -kFar);
      break;
    case Key::kEnd:
      move(view, state, kFar);
      break;
    case Key::kOpen:
      open(view);
      break;
    case Key::kBack:
      back(view);
      break;
    case Key::kSort:
      sort_by_next(view);
      break;
    case Key::kReverse:
      if (view.page == Page::kList) view.reversed = !view.reversed;
      break;
    case Key::kSnapshot:
      request = snapshot(view, state);
      break;
    case Key::kHelp:
      toggle_help(view);
      break;
    case Key::kQuit:
      request = Request::kQuit;
      break;
  }
  settle(view, state);
  return request;
}

}  // namespace seep::report
