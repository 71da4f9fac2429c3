// A memory cgroup of its own with a limit, for programs that a test starts in it; removed at the
// end of the scope. Declare it before the process: it can go only when nobody is in it any more.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <utility>

#include "base/result.h"

namespace seep::test {

class MemoryCgroup {
 public:
  /// Version 1, or else 2. An error says why there can be none: no controller, no right to make
  /// one.
  static Result<MemoryCgroup> make(std::uint64_t limit_bytes);

  MemoryCgroup(MemoryCgroup&& other) noexcept;
  MemoryCgroup& operator=(MemoryCgroup&&) = delete;
  MemoryCgroup(const MemoryCgroup&) = delete;
  ~MemoryCgroup();

  /// A process that writes its id there is in it from then on.
  std::string members_file() const { return path_ + "/cgroup.procs"; }
  /// A process that runs already: what it allocates from then on counts.
  Result<void> take_in(pid_t pid) const;
  Result<void> set_limit(std::uint64_t bytes) const;

 private:
  MemoryCgroup(std::string path, std::string limit_file)
      : path_(std::move(path)), limit_file_(std::move(limit_file)) {}

  std::string path_;
  std::string limit_file_;
};

}  // namespace seep::test
