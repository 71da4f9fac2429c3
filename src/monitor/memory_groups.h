// The memory cgroups of all watched processes, each read once a round however many processes it
// holds. Usage is one short file and read every round; statistics and counts are dear (version 2
// sums them over all processors when asked) and change slowly, so they are read every ten seconds,
// and when a process of the group has ended.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "monitor/figure.h"
#include "procfs/cgroup.h"

namespace seep::monitor {

/// The groups that a process's figures are read from.
struct GroupsOfProcess {
  procfs::MemoryGroup own;       ///< where the kernel counts its end, whichever limit was met
  procfs::MemoryGroup tightest;  ///< with the lowest limit on the way up; else its own
};

class MemoryGroups {
 public:
  /// Nothing where there are no memory cgroups. `now_ns` is that of the sample.
  std::optional<GroupsOfProcess> groups_of(pid_t pid, std::int64_t now_ns);

  /// Fills in the figures of kCgroup…; those of a group that is gone stay absent. `anew`: also what
  /// is read seldom.
  void read(const GroupsOfProcess& groups, bool anew, ProcessSample& sample);

 private:
  struct Entry {
    procfs::CgroupMemory memory;
    int usage_file = -1;
    std::int64_t usage_ns = 0;   ///< when that was read
    std::int64_t memory_ns = 0;  ///< when all was read
    bool exists = false;

    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();
  };

  std::optional<GroupsOfProcess> find_groups(pid_t pid) const;
  const Entry& refreshed(const procfs::MemoryGroup& group, bool anew, std::int64_t now_ns);
  void forget_unused(std::int64_t now_ns);

  struct Found {
    std::optional<GroupsOfProcess> groups;
    std::int64_t found_ns = 0;
  };

  std::map<procfs::MemoryGroup, Entry> groups_;
  std::map<std::string, Found> found_;  ///< by the text of /proc/PID/cgroup
  std::int64_t tidied_ns_ = 0;
};

}  // namespace seep::monitor
