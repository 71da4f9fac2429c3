#include "procfs/executable.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "procfs/proc_file.h"

namespace seep::procfs {

Result<FileIdentity> read_executable_identity(pid_t pid) {
  std::string path = proc_path(pid, "exe");
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) return FileIdentity{status.st_dev, status.st_ino};
  ErrorKind kind = ErrorKind::kNotFound;
  if (errno == EACCES || errno == EPERM) kind = ErrorKind::kPermissionDenied;
  return fail(kind, path + ": " + std::strerror(errno));
}

std::string read_executable_path(pid_t pid) {
  std::array<char, 4096> buffer;
  ssize_t length = readlink(proc_path(pid, "exe").c_str(), buffer.data(), buffer.size());
  if (length <= 0) return {};
  std::string_view path(buffer.data(), static_cast<std::size_t>(length));
  constexpr std::string_view kDeleted = " (deleted)";
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return std::string(path);
}

}  // namespace seep::procfs
