// Which file systems keep their files in memory alone, as a process sees them: what it maps of such
// is shared memory, and no cache of something on a disk.
#pragma once

#include <sys/types.h>

#include <set>
#include <string_view>

namespace seep::procfs {

/// The devices of tmpfs and its like among the lines of /proc/PID/mountinfo (proc(5)).
std::set<dev_t> parse_memory_devices(std::string_view mountinfo);

/// None if the file cannot be read.
std::set<dev_t> read_memory_devices(pid_t pid);

}  // namespace seep::procfs
