// What a watch writes where there is no terminal: a file, a pipe, the journal. One line, with the
// time, for everything worth knowing, so that it can be searched by process and followed by eye.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "monitor/watched_process.h"

namespace seep::report {

/// "2026-11-29 14:03:05  gateway 4242: TEXT\n" in local time.
std::string watch_line(std::int64_t wall_ns, const monitor::WatchedProcess& process,
                       std::string_view text);
/// Of the watch as a whole.
std::string watch_line(std::int64_t wall_ns, std::string_view text);

/// "go1.22.5 in 3f9c0a71b2d4, RSS 1.61 GiB of 2.00 GiB (cgroup), live heap 171 MiB, 48,112
/// goroutines": of the newest sample.
std::string found_text(const monitor::WatchedProcess& process);
std::string figures_text(const monitor::WatchedProcess& process);
/// "growing: live heap …; …".
std::string verdict_text(const monitor::WatchedProcess& process);
/// "ended", and why where it was for want of memory.
std::string end_text(const monitor::WatchedProcess& process);
/// "the kernel killed it for want of memory (limit 2.00 GiB): leak; …".
std::string oom_text(const monitor::OomEnd& oom);
/// "212 processes, RSS 12.3 GiB: 1 leak, 2 growing, 209 healthy".
std::string totals_text(const monitor::WatchState& state);

/// What is said at the end: a paragraph a process, alarms first.
std::string watch_summary(const monitor::WatchState& state, double seconds);

}  // namespace seep::report
