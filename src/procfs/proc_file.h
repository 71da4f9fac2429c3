// The thin layer under procfs/: whole text files of /proc and /sys, whose size stat() does not
// tell.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"

namespace seep::procfs {

/// A process with a hundred thousand mappings has a maps file of about 10 MB.
inline constexpr std::size_t kProcFileLimit = std::size_t{256} << 20;

/// The whole file, cut off at `limit` bytes. kNotFound when the file (the process) is not there or
/// ends while it is read, kPermissionDenied, else kIo.
Result<std::string> read_proc_file(const std::string& path, std::size_t limit = kProcFileLimit);

/// "/proc/PID/NAME"; `name` may be empty.
std::string proc_path(pid_t pid, const char* name);

/// The numbers among the names of a folder, rising: processes of /proc, threads of /proc/PID/task.
Result<std::vector<pid_t>> list_ids(const std::string& folder);

/// All processes that can be seen.
Result<std::vector<pid_t>> list_processes();
/// All threads of a process, also the ones that have ended and wait to be joined.
Result<std::vector<pid_t>> list_threads(pid_t pid);

}  // namespace seep::procfs
