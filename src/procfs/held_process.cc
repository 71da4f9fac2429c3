#include "procfs/held_process.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "procfs/open_files.h"
#include "procfs/proc_file.h"
#include "procfs/text_fields.h"

namespace seep::procfs {
namespace {

// status has about 1.5 KB, smaps_rollup 1 KB, limits 1.3 KB.
using Buffer = std::array<char, 8192>;

std::unexpected<Error> failed(pid_t pid, const char* name) {
  ErrorKind kind = ErrorKind::kIo;
  if (errno == ENOENT || errno == ESRCH || errno == ENOTDIR) kind = ErrorKind::kNotFound;
  if (errno == EACCES || errno == EPERM) kind = ErrorKind::kPermissionDenied;
  return fail(kind, proc_path(pid, name) + ": " + std::strerror(errno));
}

ssize_t read_at_start(int file, Buffer& buffer) {
  ssize_t got = 0;
  do {
    got = pread(file, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  return got;
}

// The beginning of a file of the process's folder.
Result<std::string_view> read_in(int folder, pid_t pid, const char* name, Buffer& buffer) {
  int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed(pid, name);
  ssize_t got = read_at_start(file, buffer);
  int error = errno;
  close(file);
  errno = error;
  if (got < 0) return failed(pid, name);
  return std::string_view(buffer.data(), static_cast<std::size_t>(got));
}

std::optional<std::uint64_t> bytes_of(std::string_view kilobytes) {
  std::optional<std::uint64_t> number = next_number<std::uint64_t>(kilobytes);
  if (!number || *number > ~std::uint64_t{0} >> 11) return std::nullopt;
  return *number << 10;
}

}  // namespace

ProcessGauges parse_gauges(std::string_view status) {
  ProcessGauges gauges;
  while (std::optional<std::string_view> line = next_line(status)) {
    std::size_t colon = line->find(':');
    if (colon == std::string_view::npos) continue;
    std::string_view key = line->substr(0, colon);
    std::string_view value = line->substr(colon + 1);
    if (key == "State") {
      std::string_view state = next_word(value).value_or("");
      gauges.ended = state == "Z" || state == "X";
    } else if (key == "VmRSS") {
      gauges.resident = bytes_of(value);
    } else if (key == "RssAnon") {
      gauges.anonymous = bytes_of(value);
    } else if (key == "RssFile") {
      gauges.file = bytes_of(value);
    } else if (key == "RssShmem") {
      gauges.shared = bytes_of(value);
    } else if (key == "VmSwap") {
      gauges.swap = bytes_of(value);
    } else if (key == "Threads") {
      gauges.threads = next_number<std::uint64_t>(value);
      break;  // the lines below are masks of signals and processors
    }
  }
  return gauges;
}

Result<HeldProcess> HeldProcess::open(pid_t pid) {
  int folder = ::open(proc_path(pid, "").c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failed(pid, "");
  HeldProcess held(pid, folder, openat(folder, "status", O_RDONLY | O_CLOEXEC));
  if (held.status_ < 0) return failed(pid, "status");
  return held;
}

HeldProcess::HeldProcess(HeldProcess&& other) noexcept
    : pid_(other.pid_),
      folder_(std::exchange(other.folder_, -1)),
      status_(std::exchange(other.status_, -1)) {}

HeldProcess& HeldProcess::operator=(HeldProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(folder_, other.folder_);
  std::swap(status_, other.status_);
  return *this;
}

HeldProcess::~HeldProcess() {
  if (status_ >= 0) close(status_);
  if (folder_ >= 0) close(folder_);
}

Result<ProcessGauges> HeldProcess::read_gauges() const {
  Buffer buffer;
  ssize_t got = read_at_start(status_, buffer);
  if (got < 0) return failed(pid_, "status");
  ProcessGauges gauges =
      parse_gauges(std::string_view(buffer.data(), static_cast<std::size_t>(got)));
  if (gauges.ended) return fail(ErrorKind::kNotFound, proc_path(pid_, "status") + ": a zombie");
  return gauges;
}

Result<ProcessStat> HeldProcess::read_stat() const {
  Buffer buffer;
  return parse_stat(TRY(read_in(folder_, pid_, "stat", buffer)));
}

Result<FileIdentity> HeldProcess::read_executable() const {
  struct stat status{};
  if (fstatat(folder_, "exe", &status, 0) != 0) return failed(pid_, "exe");
  return identity_of(status);
}

Result<std::uint64_t> HeldProcess::count_open_files() const {
  struct stat status{};
  if (fstatat(folder_, "fd", &status, 0) != 0) return failed(pid_, "fd");
  if (status.st_size > 0) return static_cast<std::uint64_t>(status.st_size);
  int file = openat(folder_, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* directory = file < 0 ? nullptr : fdopendir(file);
  if (directory == nullptr) return failed(pid_, "fd");
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(directory)) count += entry->d_name[0] != '.' ? 1 : 0;
  closedir(directory);
  return count;
}

Result<std::optional<std::uint64_t>> HeldProcess::read_open_files_limit() const {
  Buffer buffer;
  return parse_open_files_limit(TRY(read_in(folder_, pid_, "limits", buffer)));
}

Result<MemoryFigures> HeldProcess::read_memory_figures() const {
  Buffer buffer;
  return parse_memory_figures(TRY(read_in(folder_, pid_, "smaps_rollup", buffer)));
}

}  // namespace seep::procfs
