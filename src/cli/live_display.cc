#include "cli/live_display.h"

#include <time.h>
#include <unistd.h>

#include "report/watch_keys.h"
#include "report/watch_screen.h"

namespace seep::cli {
namespace {

/// Local time less UTC, then.
std::int64_t utc_offset_s(std::int64_t wall_ns) {
  time_t second = static_cast<time_t>(wall_ns / 1000000000);
  tm local{};
  return localtime_r(&second, &local) == nullptr ? 0 : local.tm_gmtoff;
}

}  // namespace

Result<LiveDisplay> LiveDisplay::open() { return LiveDisplay(TRY(FullScreen::open())); }

int LiveDisplay::input() const { return STDIN_FILENO; }

void LiveDisplay::draw(const monitor::WatchState& state) {
  ScreenAbilities abilities = screen_.abilities();
  view_.width = abilities.width;
  view_.height = abilities.height;
  view_.ascii = abilities.ascii;
  view_.layer_colours = abilities.layer_colours;
  view_.utc_offset_s = utc_offset_s(state.wall_ns);
  report::settle(view_, state);
  screen_.draw(report::watch_screen(view_, state));
}

Result<void> LiveDisplay::show(const monitor::WatchState& state, const pipeline::WatchNews& news,
                               Instant) {
  if (!news.snapshots.empty()) {
    const pipeline::TimelySnapshots::News& last = news.snapshots.back();
    view_.message = state.processes[last.process].program + ": " + last.text;
  }
  draw(state);
  return {};
}

void LiveDisplay::say(const monitor::WatchState& state, const std::string& text) {
  view_.message = text;
  draw(state);
}

Result<DisplayWish> LiveDisplay::handle_input(const monitor::WatchState& state) {
  screen_.fit_terminal();
  DisplayWish wish;
  // All that were pressed: what ncurses has read ahead does not wake anybody.
  while (std::optional<report::Key> key = screen_.next_key()) {
    report::Request request = report::press(view_, state, *key);
    if (request == report::Request::kQuit) wish.ends = true;
    if (request == report::Request::kSnapshot) wish.snapshot = view_.selected;
  }
  if (screen_.is_gone()) wish.ends = true;
  draw(state);
  return wish;
}

}  // namespace seep::cli
