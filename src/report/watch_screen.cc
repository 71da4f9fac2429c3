#include "report/watch_screen.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/byte_size.h"
#include "base/count_text.h"
#include "report/characters.h"
#include "report/process_page.h"
#include "report/watch_help.h"
#include "report/watch_list.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::VerdictKind;
using monitor::WatchedProcess;
using monitor::WatchState;

std::string clock_text(const WatchView& view, const WatchState& state) {
  constexpr std::int64_t kDay = 86400;
  std::int64_t second = (state.wall_ns / 1000000000 + view.utc_offset_s) % kDay;
  if (second < 0) second += kDay;
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60), static_cast<int>(second % 60));
  return text.data();
}

/// `left` and, at the other end of the line, `right`; `left` gives way.
Line two_ends(Line left, const Line& right, std::size_t width) {
  left.fit(width > right.width() + 1 ? width - right.width() - 1 : 0);
  return left.add(" ").add(right);
}

std::size_t count_of(const WatchState& state, VerdictKind kind) {
  return static_cast<std::size_t>(std::count_if(
      state.processes.begin(), state.processes.end(), [kind](const WatchedProcess& process) {
        return process.verdict && process.verdict->kind == kind;
      }));
}

std::string interval_text(double seconds) {
  bool whole = seconds == static_cast<double>(static_cast<int>(std::clamp(seconds, 0.0, 1e9)));
  if (whole && seconds < 60) return std::to_string(static_cast<int>(seconds)) + " s";
  return duration_text(seconds);
}

std::string store_text(const WatchState& state, std::size_t width) {
  return state.store.empty() ? "no store" : "store " + shorten_middle(state.store, width);
}

Line list_header(const WatchView& view, const WatchState& state) {
  std::size_t count = state.processes.size();
  Line line("seep watch  ", {.ink = Ink::kStrong});
  line.add(count_text(count) + (count == 1 ? " process" : " processes"));
  if (std::size_t leaks = count_of(state, VerdictKind::kLeak))
    line.add(" · ", Ink::kDetail).add(count_text(leaks) + " leaking", Ink::kLeak);
  if (std::size_t growing = count_of(state, VerdictKind::kGrowing))
    line.add(" · ", Ink::kDetail).add(count_text(growing) + " growing", Ink::kSuspicious);
  line.add(" · every " + interval_text(state.interval_s) + " · ", Ink::kDetail);
  std::size_t beside = line.width() + 16;  // "store ", a space, and the clock
  line.add(store_text(state, view.width > beside ? view.width - beside : 8), Ink::kDetail);
  return two_ends(std::move(line), Line(clock_text(view, state)), view.width);
}

Line process_header(const WatchView& view, const WatchState& state, const WatchedProcess& process) {
  constexpr std::size_t kLongestName = 40;
  Line line(shorten_middle(printable(process.program), kLongestName), {.ink = Ink::kStrong});
  line.add(" (pid " + std::to_string(process.identity.pid) + ")");
  if (process.ended) line.add(" ended", Ink::kStrong);
  Line clock(clock_text(view, state));
  // What does not fit whole is left out.
  auto add = [&](const std::string& text, Ink ink) {
    if (line.width() + columns(text) + 4 + clock.width() > view.width) return;
    line.add(" · ", Ink::kDetail).add(text, ink);
  };
  bool go = !process.go_version.empty();
  add(go ? short_go_version(process.go_version) : "not a Go program", Ink::kDetail);
  if (std::optional<double> share = limit_share(process))
    add(percent_text(*share, 1) + " of the limit",
        *share >= kNearLimit ? Ink::kSuspicious : Ink::kDetail);
  if (std::size_t restarts = process.restarts_ns.size())
    add(counted(restarts, "restart"), Ink::kDetail);
  if (!process.container_short.empty()) add("container " + process.container_short, Ink::kDetail);
  return two_ends(std::move(line), clock, view.width);
}

/// What there is to say at the moment: an answer to the last key, or what is wrong with the watch.
Line message_line(const WatchView& view, const WatchState& state) {
  auto whole = [&](const std::string& text) {
    return shorten_middle(printable(text), view.width - 1);
  };
  if (!view.message.empty()) return Line(whole(view.message), {.ink = Ink::kStrong});
  if (!state.notes.empty()) return Line(whole(state.notes.back()), {.ink = Ink::kSuspicious});
  return {};
}

Line list_place(const WatchView& view, const WatchState& state) {
  std::size_t rows = list_rows(view);
  if (view.page != Page::kList || state.processes.size() <= rows) return {};
  std::size_t last = std::min(view.first_row + rows, state.processes.size());
  return Line(count_text(view.first_row + 1) + "–" + count_text(last) + " of " +
                  count_text(state.processes.size()),
              {.ink = Ink::kDetail});
}

struct KeyHint {
  const char* key;
  std::string text;
};

Line key_line(const WatchView& view, std::vector<KeyHint> hints) {
  Line line;
  for (const KeyHint& hint : hints) {
    Line next = line;
    if (line.width() > 0) next.add("   ");
    next.add(hint.key, Ink::kStrong).add(" " + hint.text, Ink::kDetail);
    if (next.width() > view.width) break;
    line = std::move(next);
  }
  return line;
}

Line keys_of(const WatchView& view, const WatchState& state) {
  switch (view.page) {
    case Page::kHelp:
      return key_line(view, {{"esc", "back"}, {"↑↓", "scroll"}, {"q", "quit"}});
    case Page::kProcess:
      return key_line(
          view,
          {{"esc", "back"}, {"↑↓", "scroll"}, {"S", "snapshot"}, {"?", "help"}, {"q", "quit"}});
    case Page::kList:
      break;
  }
  std::string sort = "sort: " + std::string(name_of(view.sort));
  if (state.processes.empty()) return key_line(view, {{"?", "help"}, {"q", "quit"}});
  return key_line(view, {{"enter", "open"},
                         {"s", sort},
                         {"r", "reverse"},
                         {"S", "snapshot"},
                         {"?", "help"},
                         {"q", "quit"}});
}

std::vector<Line> body_of(const WatchView& view, const WatchState& state) {
  if (view.page == Page::kHelp) {
    std::vector<Line> lines = watch_help_lines(view.width);
    lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(
                                                   std::min(view.first_line, lines.size())));
    lines.resize(page_lines(view));
    return lines;
  }
  const WatchedProcess* process = selected_process(view, state);
  if (view.page == Page::kProcess && process != nullptr)
    return process_lines(view, state, *process);
  if (!state.processes.empty()) return list_lines(view, state);
  std::vector<Line> lines(page_lines(view));
  lines[1] = Line("No process to watch yet; one that starts appears here.");
  return lines;
}

Screen too_small(const WatchView& view) {
  std::string size = std::to_string(view.width) + "x" + std::to_string(view.height);
  std::string needed = std::to_string(kLeastWidth) + "x" + std::to_string(kLeastHeight);
  std::vector<Line> lines;
  for (const std::string& line :
       wrap("This terminal is " + size + "; the live view needs " + needed +
                ". Sampling goes on. Make it larger, or press q to quit.",
            std::max<std::size_t>(view.width, 1)))
    lines.emplace_back(line);
  return screen_of(std::move(lines), view.width, view.height);
}

Screen drawn(const WatchView& view, const WatchState& state) {
  if (view.width < kLeastWidth || view.height < kLeastHeight) return too_small(view);
  const WatchedProcess* process = selected_process(view, state);
  bool one = view.page == Page::kProcess && process != nullptr;
  std::vector<Line> lines = {one ? process_header(view, state, *process)
                                 : list_header(view, state)};
  for (Line& line : body_of(view, state)) lines.push_back(std::move(line));
  lines.push_back(two_ends(message_line(view, state), list_place(view, state), view.width));
  lines.push_back(keys_of(view, state));
  return screen_of(std::move(lines), view.width, view.height);
}

}  // namespace

Screen watch_screen(const WatchView& view, const WatchState& state) {
  Screen screen = drawn(view, state);
  return view.ascii ? in_ascii(screen) : screen;
}

}  // namespace seep::report
