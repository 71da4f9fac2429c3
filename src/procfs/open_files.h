// The open file descriptors of a process, counted by what they are.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"

namespace seep::procfs {

struct OpenFiles {
  std::uint64_t files = 0;  ///< with directories and devices
  std::uint64_t sockets = 0;
  std::uint64_t pipes = 0;
  std::uint64_t others = 0;            ///< the kernel's own: epoll, timers, events
  std::optional<std::uint64_t> limit;  ///< the process's soft limit; none if there is no limit
};

/// From /proc/PID/fd and /proc/PID/limits. Descriptors that are closed meanwhile are left out.
Result<OpenFiles> read_open_files(pid_t pid);

/// The soft limit of "Max open files" in the text of /proc/PID/limits; none if unlimited.
std::optional<std::uint64_t> parse_open_files_limit(std::string_view text);

}  // namespace seep::procfs
