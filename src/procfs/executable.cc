#include "procfs/executable.h"

#include <fnmatch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "procfs/proc_file.h"

namespace seep::procfs {

FileIdentity identity_of(const struct stat& status) {
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .modified_ns = status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec,
          .size = status.st_size};
}

Result<FileIdentity> read_executable_identity(pid_t pid) {
  std::string path = proc_path(pid, "exe");
  struct stat status{};
  if (stat(path.c_str(), &status) == 0) return identity_of(status);
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

std::string program_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool program_matches(const std::string& program, const std::string& pattern) {
  if (pattern.find_first_of("*?[") != std::string::npos)
    return fnmatch(pattern.c_str(), program.c_str(), 0) == 0;
  return program.find(pattern) != std::string::npos;
}

}  // namespace seep::procfs
