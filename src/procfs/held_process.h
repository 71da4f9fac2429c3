// A process whose files of /proc are kept open, for reading it again and again: a few microseconds
// a look, and what is read is always of the process that was opened. When that has ended, nothing
// is read, even if another one has got its id.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "procfs/executable.h"
#include "procfs/process_status.h"
#include "procfs/smaps.h"

namespace seep::procfs {

/// The lines of /proc/PID/status that change while a process runs. Bytes; what this kernel does not
/// tell is absent.
struct ProcessGauges {
  std::optional<std::uint64_t> resident;
  std::optional<std::uint64_t> anonymous;
  std::optional<std::uint64_t> file;
  std::optional<std::uint64_t> shared;
  std::optional<std::uint64_t> swap;
  std::optional<std::uint64_t> threads;
  bool ended = false;  ///< a zombie
};
ProcessGauges parse_gauges(std::string_view status);

class HeldProcess {
 public:
  /// kNotFound if there is no such process.
  static Result<HeldProcess> open(pid_t pid);

  HeldProcess(HeldProcess&& other) noexcept;
  HeldProcess& operator=(HeldProcess&& other) noexcept;
  HeldProcess(const HeldProcess&) = delete;
  HeldProcess& operator=(const HeldProcess&) = delete;
  ~HeldProcess();

  pid_t pid() const { return pid_; }

  // All of these are kNotFound once the process has ended, kPermissionDenied for what only its
  // owner may read.
  Result<ProcessGauges> read_gauges() const;
  Result<ProcessStat> read_stat() const;
  Result<FileIdentity> read_executable() const;
  /// How many files it has open. Since Linux 6.2 the size of the folder says so (fs/proc/fd.c,
  /// proc_fd_getattr); before, they are counted, which costs a microsecond for each.
  Result<std::uint64_t> count_open_files() const;
  /// The soft limit of that; nothing if there is none.
  Result<std::optional<std::uint64_t>> read_open_files_limit() const;
  /// The kernel walks all page tables for it.
  Result<MemoryFigures> read_memory_figures() const;

 private:
  HeldProcess(pid_t pid, int folder, int status) : pid_(pid), folder_(folder), status_(status) {}

  pid_t pid_;
  int folder_;  ///< /proc/PID
  int status_;  ///< /proc/PID/status
};

}  // namespace seep::procfs
