#include "support/memory_cgroup.h"

#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>
#include <utility>

namespace seep::test {
namespace {

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text << std::flush;
  return file.good();
}

bool has_word(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  std::string read;
  while (file >> read) {
    if (read == word) return true;
  }
  return false;
}

struct Hierarchy {
  std::string root, limit_file;
};

Result<Hierarchy> find_hierarchy() {
  const std::string root = "/sys/fs/cgroup";
  if (access((root + "/memory/memory.limit_in_bytes").c_str(), F_OK) == 0)
    return Hierarchy{root + "/memory", "memory.limit_in_bytes"};
  if (!has_word(root + "/cgroup.controllers", "memory"))
    return fail(ErrorKind::kUnsupported, "this machine has no memory controller for cgroups");
  if (!has_word(root + "/cgroup.subtree_control", "memory") &&
      !write_file(root + "/cgroup.subtree_control", "+memory"))
    return fail(ErrorKind::kPermissionDenied, "the memory controller cannot be used here");
  return Hierarchy{root, "memory.max"};
}

}  // namespace

Result<MemoryCgroup> MemoryCgroup::make(std::uint64_t limit_bytes) {
  Hierarchy hierarchy = TRY(find_hierarchy());
  static std::atomic<int> count{0};
  std::string path =
      hierarchy.root + "/seep-test-" + std::to_string(getpid()) + "-" + std::to_string(count++);
  if (mkdir(path.c_str(), 0755) != 0)
    return fail(ErrorKind::kPermissionDenied,
                "no cgroup can be made here: " + std::string(std::strerror(errno)));
  MemoryCgroup group(path, path + "/" + hierarchy.limit_file);
  TRY(group.set_limit(limit_bytes));
  return group;
}

Result<void> MemoryCgroup::set_limit(std::uint64_t bytes) const {
  if (write_file(limit_file_, std::to_string(bytes))) return {};
  return fail(ErrorKind::kPermissionDenied, "a cgroup takes no limit here");
}

Result<void> MemoryCgroup::take_in(pid_t pid) const {
  if (write_file(members_file(), std::to_string(pid))) return {};
  return fail(ErrorKind::kPermissionDenied, "a cgroup takes no process here");
}

MemoryCgroup::MemoryCgroup(MemoryCgroup&& other) noexcept
    : path_(std::exchange(other.path_, std::string())), limit_file_(other.limit_file_) {}

MemoryCgroup::~MemoryCgroup() {
  if (path_.empty()) return;
  // Members that have just ended leave a moment later.
  std::chrono::steady_clock::time_point deadline =
      std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (rmdir(path_.c_str()) != 0 && errno == EBUSY && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

}  // namespace seep::test
