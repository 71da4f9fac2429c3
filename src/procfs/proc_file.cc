#include "procfs/proc_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

std::unexpected<Error> failed(const std::string& path) {
  ErrorKind kind = ErrorKind::kIo;
  if (errno == ENOENT || errno == ESRCH || errno == ENOTDIR) kind = ErrorKind::kNotFound;
  if (errno == EACCES || errno == EPERM) kind = ErrorKind::kPermissionDenied;
  return fail(kind, path + ": " + std::strerror(errno));
}

}  // namespace

Result<std::string> read_proc_file(const std::string& path, std::size_t limit) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(path);
  std::string text;
  std::size_t filled = 0;
  ssize_t got = 0;
  do {
    if (text.size() - filled < 4096) text.resize(std::max<std::size_t>(16384, text.size() * 2));
    got = read(file, text.data() + filled, text.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got > 0) filled += static_cast<std::size_t>(got);
  } while (got != 0 && !(got < 0 && errno != EINTR) && filled < limit);
  int error = got < 0 ? errno : 0;
  close(file);
  if (error != 0) {
    errno = error;
    return failed(path);
  }
  text.resize(std::min(filled, limit));
  return text;
}

std::string proc_path(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

Result<std::vector<pid_t>> list_ids(const std::string& folder) {
  DIR* directory = opendir(folder.c_str());
  if (directory == nullptr) return failed(folder);
  std::vector<pid_t> ids;
  while (const dirent* entry = readdir(directory)) {
    std::optional<pid_t> id = parse_number<pid_t>(entry->d_name);
    if (id && *id > 0) ids.push_back(*id);
  }
  closedir(directory);
  std::sort(ids.begin(), ids.end());
  return ids;
}

Result<std::vector<pid_t>> list_processes() { return list_ids("/proc"); }

Result<std::vector<pid_t>> list_threads(pid_t pid) { return list_ids(proc_path(pid, "task")); }

}  // namespace seep::procfs
