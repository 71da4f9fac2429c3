#include "target/rooted_file.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace seep::target {
namespace {

int open_in_root(const std::string& root, const std::string& path) {
  int folder = open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return -1;
  open_how how{};
  // O_NONBLOCK: a named pipe must not hold seep up.
  how.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
  how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
  long file = syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how);
  int error = errno;
  close(folder);
  errno = error;
  return static_cast<int>(file);
}

}  // namespace

Result<int> open_below(const std::string& root, const std::string& path) {
  int file = open_in_root(root, path);
  if (file < 0 && (errno == ENOSYS || errno == EPERM)) {
    // Kernels before 5.6, and sandboxes that do not know the call.
    file = open((root + "/" + path).c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  }
  if (file < 0) return fail(ErrorKind::kNotFound, path + ": " + std::strerror(errno));
  struct stat status{};
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode)) return file;
  close(file);
  return fail(ErrorKind::kNotFound, path + " is no plain file");
}

}  // namespace seep::target
