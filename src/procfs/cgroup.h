// How much memory a process may use, and how much of it is left: the memory cgroups (version 1 and
// 2) on its way up to the root, and the host.
//
// Every ancestor's limit counts, so the whole way up is walked and the tightest wins. A container's
// own view hides its ancestors; seep on the host sees them all.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_size.h"
#include "base/result.h"

namespace seep::procfs {

/// The groups of a process: /proc/PID/cgroup.
struct CgroupPaths {
  std::optional<std::string> unified;    ///< version 2
  std::optional<std::string> v1_memory;  ///< version 1, memory controller
};
CgroupPaths parse_cgroup(std::string_view text);

/// A cgroup file system as seep sees it: /proc/self/mountinfo.
struct CgroupMount {
  bool unified = false;     ///< version 2; else the version 1 hierarchy with the memory controller
  std::string root;         ///< the group that is mounted
  std::string mount_point;  ///< where
};
std::vector<CgroupMount> parse_mountinfo(std::string_view text);

/// One group's figures. No limit: nothing is set (or it is the kernel's "unlimited").
struct CgroupMemory {
  std::optional<ByteSize> limit;
  ByteSize usage;
  ByteSize reclaimable;  ///< page cache that the kernel would give up first
  ByteSize file;         ///< page cache of files on disk, in use or not
  ByteSize shared;       ///< tmpfs and shared memory
  /// Processes that the kernel has killed for want of memory: of the group and those below in
  /// version 2, of the group alone in version 1. Nothing if the kernel does not say (< 4.13).
  std::optional<std::uint64_t> oom_kills;

  /// What can still be allocated before the limit is met; nothing if there is no limit.
  std::optional<ByteSize> room() const;
  /// What the kernel cannot easily take back, as kubelet and cAdvisor have it.
  ByteSize working_set() const { return usage - reclaimable; }
};
/// `max` is memory.max or memory.limit_in_bytes, `current` memory.current or memory.usage_in_bytes,
/// `stat` memory.stat, `events` memory.events or memory.oom_control.
CgroupMemory parse_cgroup_memory(std::string_view max, std::string_view current,
                                 std::string_view stat, std::string_view events = {});

/// A memory cgroup where seep finds it.
struct MemoryGroup {
  std::string folder;
  bool unified = false;  ///< version 2

  auto operator<=>(const MemoryGroup&) const = default;
};
/// The groups that hold the process: its own first, then each that holds that, as far as seep sees.
/// None where there are no memory cgroups; only a missing process is an error.
Result<std::vector<MemoryGroup>> find_memory_groups(pid_t pid);
/// Nothing if the group is gone or may not be read.
std::optional<CgroupMemory> read_memory_group(const MemoryGroup& group);

/// /proc/meminfo.
struct HostMemory {
  ByteSize total;
  ByteSize available;
  ByteSize swap_free;
};
HostMemory parse_meminfo(std::string_view text);

/// Limits of a process.
struct MemoryLimits {
  HostMemory host;
  std::optional<ByteSize> cgroup_limit;  ///< the lowest on the way up
  std::optional<ByteSize> cgroup_usage;  ///< of the group with that limit
  std::optional<ByteSize> cgroup_room;   ///< the least room on the way up
  /// The group with the lowest limit, or the process's own if there is no limit.
  std::optional<CgroupMemory> group;
};
/// Groups that cannot be read are left out; only a missing process is an error.
Result<MemoryLimits> read_memory_limits(pid_t pid);

}  // namespace seep::procfs
