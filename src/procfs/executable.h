// Which program file a process runs.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <compare>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace seep::procfs {

/// Processes with equal identities run the same file, whatever it is called and even if it has been
/// deleted since. The numbers of a deleted file are given to new ones, which the other two tell.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::int64_t size = 0;         ///< bytes

  auto operator<=>(const FileIdentity&) const = default;
};

FileIdentity identity_of(const struct stat& status);

/// kNotFound if the process has ended, is a zombie or a thread of the kernel; kPermissionDenied if
/// it is another user's.
Result<FileIdentity> read_executable_identity(pid_t pid);

/// The path as the process sees it, without the kernel's mark for files that were deleted or
/// replaced. Empty if it cannot be read.
std::string read_executable_path(pid_t pid);

/// The last part of a path.
std::string program_name(const std::string& path);

/// What people mean by name:PATTERN: with * ? [ ] as a shell has them, else a part of the name.
bool program_matches(const std::string& program, const std::string& pattern);

}  // namespace seep::procfs
