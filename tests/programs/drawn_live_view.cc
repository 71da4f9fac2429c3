// drawn_live_view [abort|hang]: the live view over a watch that is made up, for tests on a real
// terminal. A round a second; a snapshot is only spoken of. With "abort" it ends by abort() when
// one is asked for.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/live_display.h"
#include "cli/round_timer.h"
#include "support/drawn_watch.h"

namespace {

using namespace seep;

std::string program_of(const monitor::WatchState& state, const monitor::ProcessIdentity& identity) {
  for (const monitor::WatchedProcess& process : state.processes)
    if (process.identity == identity) return process.program;
  return "nobody";
}

/// A second later nothing has changed but the clock.
void next_round(monitor::WatchState& state) {
  state.wall_ns += test::kSecondNs;
  for (monitor::WatchedProcess& process : state.processes) {
    if (process.ended) continue;
    process.latest.monotonic_ns += test::kSecondNs;
    process.history.push_back(process.latest);
  }
}

Result<void> watch(const cli::RoundTimer& timer, cli::WatchDisplay& display,
                   std::string_view accident) {
  monitor::WatchState state = test::drawn_watch(600);
  std::int64_t next_ns = Instant::now().boot_ns;
  while (true) {
    if (Instant::now().boot_ns >= next_ns) {
      next_round(state);
      TRY(display.show(state, {}, Instant::now()));
      next_ns += test::kSecondNs;
    }
    cli::WaitEnd end = timer.wait_until(next_ns, display.input());
    if (end == cli::WaitEnd::kStop) return {};
    if (end == cli::WaitEnd::kTime) continue;
    cli::DisplayWish wish = TRY(display.handle_input(state));
    if (wish.ends) return {};
    if (wish.snapshot && accident == "abort") std::abort();
    if (wish.snapshot) display.say(state, "snapshot asked of " + program_of(state, *wish.snapshot));
    while (wish.snapshot && accident == "hang") pause();
  }
}

}  // namespace

int main(int argc, char** argv) {
  Result<cli::RoundTimer> timer = cli::RoundTimer::make();
  if (!timer) return 2;
  Result<cli::LiveDisplay> display = cli::LiveDisplay::open();
  if (!display) {
    std::fprintf(stderr, "plain lines: %s\n", display.error().message.c_str());
    return 2;
  }
  return watch(*timer, *display, argc > 1 ? argv[1] : "") ? 0 : 2;
}
