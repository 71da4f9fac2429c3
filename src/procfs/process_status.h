// What the kernel says of a process: /proc/PID/status and /proc/PID/stat.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_size.h"
#include "base/result.h"

namespace seep::procfs {

/// The fields of /proc/PID/stat (proc(5)) that seep uses.
struct ProcessStat {
  pid_t pid = 0;
  std::string name;  ///< at most 15 bytes, may hold anything
  char state = '?';  ///< R running, S sleeping, D disk, T stopped, t traced, Z zombie, X dead
  pid_t parent = 0;
  std::uint64_t flags = 0;
  std::int64_t threads = 0;
  std::uint64_t start_ticks = 0;  ///< after boot, in clock ticks
  int exit_signal = 0;            ///< what the parent gets when it ends; 0 is "none"
  int exit_code = 0;              ///< as wait(2) tells it; 0 unless we may trace the process

  bool is_zombie() const { return state == 'Z' || state == 'X'; }
  /// PF_KTHREAD of include/linux/sched.h, unchanged since Linux 2.6.27.
  bool is_kernel_thread() const { return (flags & 0x00200000) != 0; }
};

struct ProcessStatus {
  std::string name;
  pid_t thread_group = 0;  ///< the process that the thread belongs to
  pid_t tracer = 0;        ///< who traces it; 0 is nobody
  std::uint32_t uid = 0;   ///< effective
  std::uint64_t threads = 0;
  std::vector<pid_t> namespace_pids;  ///< its pid in each pid namespace, ours first, its own last
  ByteSize resident;
  ByteSize resident_anonymous;
  int seccomp_mode = 0;  ///< 0 none, 1 strict, 2 filter
  std::uint64_t seccomp_filters = 0;
};

/// kCorrupt if the text is not a stat line.
Result<ProcessStat> parse_stat(std::string_view text);
/// Missing lines leave their field as it is: kernels differ in what they tell.
ProcessStatus parse_status(std::string_view text);
/// Seconds since boot: the first number of /proc/uptime.
Result<double> parse_uptime(std::string_view text);

/// kNotFound if there is no such process.
Result<ProcessStat> read_stat(pid_t pid);
Result<ProcessStat> read_thread_stat(pid_t pid, pid_t thread);
Result<ProcessStatus> read_status(pid_t pid);
Result<ProcessStatus> read_thread_status(pid_t pid, pid_t thread);

/// How long the process has been running.
Result<double> read_uptime_seconds(const ProcessStat& stat);

/// Of this boot of the machine: start_ticks of two boots mean different instants.
Result<std::string> read_boot_id();

}  // namespace seep::procfs
