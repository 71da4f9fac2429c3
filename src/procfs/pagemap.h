// Which pages of a process are there: /proc/PID/pagemap (Documentation/admin-guide/mm/pagemap.rst).
//
// Whoever may read a process's memory may read this. Only the number of the page frame is kept from
// whoever lacks CAP_SYS_ADMIN, and seep does not want it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"

namespace seep::procfs {

/// Of the machine, bytes: seep reads amd64 only.
inline constexpr std::uint64_t kPageBytes = 4096;

/// Pages in a row that are alike. Absent pages are in no run.
struct PageRun {
  AddressRange range;
  /// Anonymous, and mapped here alone or not: the kernel's page of zeros, which belongs to nobody
  /// and is no part of RSS, looks like an anonymous page that is shared with a fork.
  bool maybe_zeros = false;

  bool operator==(const PageRun&) const = default;
};

/// Adds the runs of the pages from `first` on to `runs`; a run may continue the last of them.
void add_page_runs(Address first, std::span<const std::uint64_t> entries,
                   std::vector<PageRun>& runs);

class PageMap {
 public:
  /// kNotFound, kPermissionDenied; kIo where the kernel has none.
  static Result<PageMap> open(pid_t pid);

  PageMap(PageMap&& other) noexcept : file_(other.file_) { other.file_ = -1; }
  PageMap& operator=(PageMap&&) = delete;
  ~PageMap();

  /// The resident pages of a range, rising. Costs 8 bytes of reading a page, there or not.
  Result<std::vector<PageRun>> runs(AddressRange range) const;

 private:
  explicit PageMap(int file) : file_(file) {}

  int file_;
};

}  // namespace seep::procfs
