// Which program file a process runs.
#pragma once

#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace seep::procfs {

/// Processes with equal identities run the same file, whatever it is called and even if it has been
/// deleted since.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  auto operator<=>(const FileIdentity&) const = default;
};

/// kNotFound if the process has ended, is a zombie or a thread of the kernel; kPermissionDenied if
/// it is another user's.
Result<FileIdentity> read_executable_identity(pid_t pid);

/// The path as the process sees it, without the kernel's mark for files that were deleted or
/// replaced. Empty if it cannot be read.
std::string read_executable_path(pid_t pid);

}  // namespace seep::procfs
