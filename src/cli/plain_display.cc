#include "cli/plain_display.h"

#include <unistd.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "cli/output.h"
#include "report/watch_lines.h"

namespace seep::cli {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kFirstFigures = 10 * kSecond;
constexpr std::int64_t kLastFigures = 600 * kSecond;
constexpr std::int64_t kShareOfAge = 10;
/// More processes than this are told by their sums.
constexpr std::size_t kFewProcesses = 8;

/// A note that says the same of another number is not told again.
std::string without_numbers(std::string note) {
  std::erase_if(note, [](char c) { return (c >= '0' && c <= '9') || c == ','; });
  return note;
}

std::string figures_of(const monitor::WatchState& state) {
  std::size_t running = static_cast<std::size_t>(std::ranges::count_if(
      state.processes, [](const monitor::WatchedProcess& process) { return !process.ended; }));
  if (running == 0 || running > kFewProcesses)
    return report::watch_line(state.wall_ns, report::totals_text(state));
  std::string text;
  for (const monitor::WatchedProcess& process : state.processes)
    if (!process.ended)
      text += report::watch_line(state.wall_ns, process, report::figures_text(process));
  return text;
}

}  // namespace

Result<void> PlainDisplay::show(const monitor::WatchState& state, const pipeline::WatchNews& news,
                                Instant now) {
  std::string text;
  auto say = [&](std::size_t index, const std::string& what) {
    text += report::watch_line(now.wall_ns, state.processes[index], what);
  };
  for (const monitor::RoundEvents::End& end : news.events.ended)
    say(end.process, report::end_text(state.processes[end.process]));
  for (std::size_t index : news.events.started)
    say(index, "watched: " + report::found_text(state.processes[index]));
  for (std::size_t index : news.events.restarted)
    say(index, "started again: " + report::found_text(state.processes[index]));
  for (std::size_t index : news.verdicts) say(index, report::verdict_text(state.processes[index]));
  for (const pipeline::TimelySnapshots::News& one : news.snapshots) say(one.process, one.text);
  for (const std::string& note : state.notes)
    if (told_notes_.insert(without_numbers(note)).second)
      text += report::watch_line(now.wall_ns, "note: " + note);
  std::set<std::string> present;
  for (const std::string& note : state.notes) present.insert(without_numbers(note));
  told_notes_ = std::move(present);
  if (started_.boot_ns == 0) {
    started_ = now;
    figures_due_ns_ = now.boot_ns + kFirstFigures;
    if (state.processes.empty()) text += report::watch_line(now.wall_ns, "nothing to watch yet");
  } else if (now.boot_ns >= figures_due_ns_) {
    text += figures_of(state);
    std::int64_t age = now.boot_ns - started_.boot_ns;
    figures_due_ns_ = now.boot_ns + std::clamp(age / kShareOfAge, kFirstFigures, kLastFigures);
  }
  return write_all(STDOUT_FILENO, text);
}

}  // namespace seep::cli
