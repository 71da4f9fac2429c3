// What the kernel says of a process, sample by sample: status and open files each time, the page
// tables' sums seldom.
#pragma once

#include <cstdint>
#include <optional>

#include "monitor/memory_groups.h"
#include "monitor/process_source.h"
#include "procfs/held_process.h"

namespace seep::monitor {

class KernelFigures {
 public:
  /// `groups` outlives this.
  KernelFigures(procfs::HeldProcess process, MemoryGroups& groups);

  const procfs::HeldProcess& process() const { return process_; }

  SampledProcess::State read(ProcessSample& sample);
  /// What is said of a process that has ended: how often the kernel has killed in its cgroup.
  void read_last_words(ProcessSample& sample) { read_group(true, sample); }

 private:
  void read_seldom(ProcessSample& sample);
  void read_group(bool anew, ProcessSample& sample);

  procfs::HeldProcess process_;
  MemoryGroups& groups_;
  std::optional<GroupsOfProcess> cgroups_;
  std::int64_t group_due_ns_ = 0;
  std::int64_t sums_due_ns_ = 0;
  bool sums_refused_ = false;
  bool files_refused_ = false;
};

}  // namespace seep::monitor
