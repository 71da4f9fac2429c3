#include "procfs/pagemap.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "procfs/proc_file.h"

namespace seep::procfs {
namespace {

// fs/proc/task_mmu.c: PM_PRESENT, PM_FILE ("file-mapped or shared-anonymous"), PM_MMAP_EXCLUSIVE
// (Linux 4.2+). A page of zeros has neither of the last two.
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kFileOrShared = std::uint64_t{1} << 61;
constexpr std::uint64_t kMappedOnce = std::uint64_t{1} << 56;

constexpr std::size_t kEntriesAtOnce = 65536;

}  // namespace

void add_page_runs(Address first, std::span<const std::uint64_t> entries,
                   std::vector<PageRun>& runs) {
  for (std::uint64_t i = 0; i < entries.size(); ++i) {
    if ((entries[i] & kPresent) == 0) continue;
    Address page = first + i * kPageBytes;
    bool maybe_zeros = (entries[i] & (kFileOrShared | kMappedOnce)) == 0;
    if (!runs.empty() && runs.back().range.end == page && runs.back().maybe_zeros == maybe_zeros) {
      runs.back().range.end = page + kPageBytes;
    } else {
      runs.push_back({{page, page + kPageBytes}, maybe_zeros});
    }
  }
}

Result<PageMap> PageMap::open(pid_t pid) {
  std::string path = proc_path(pid, "pagemap");
  int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file >= 0) return PageMap(file);
  ErrorKind kind = errno == EACCES || errno == EPERM   ? ErrorKind::kPermissionDenied
                   : errno == ENOENT || errno == ESRCH ? ErrorKind::kNotFound
                                                       : ErrorKind::kIo;
  return fail(kind, "opening " + path + ": " + std::strerror(errno));
}

PageMap::~PageMap() {
  if (file_ >= 0) ::close(file_);
}

Result<std::vector<PageRun>> PageMap::runs(AddressRange range) const {
  std::vector<PageRun> runs;
  std::vector<std::uint64_t> entries;
  std::uint64_t end = range.end.value() / kPageBytes;
  for (std::uint64_t page = range.begin.value() / kPageBytes; page < end;) {
    entries.resize(std::min<std::uint64_t>(kEntriesAtOnce, end - page));
    ssize_t got = ::pread(file_, entries.data(), entries.size() * 8,
                          static_cast<off_t>(page * sizeof(std::uint64_t)));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(ErrorKind::kIo, std::string("reading pagemap: ") + strerror(errno));
    entries.resize(static_cast<std::size_t>(got) / 8);
    if (entries.empty()) break;  // the end of what a process can have
    add_page_runs(Address(page * kPageBytes), entries, runs);
    page += entries.size();
  }
  return runs;
}

}  // namespace seep::procfs
