// How much of each mapping is resident, and of what kind: /proc/PID/smaps and smaps_rollup
// (proc(5), Documentation/filesystems/proc.rst).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "procfs/maps.h"

namespace seep::procfs {

/// Bytes, of one mapping or of all. Kernels differ in what they tell; what is not told is 0, or
/// absent where that makes a difference.
struct MemoryFigures {
  std::uint64_t rss = 0;
  std::uint64_t pss = 0;
  std::uint64_t anonymous = 0;
  std::uint64_t huge_pages = 0;  ///< anonymous memory in huge pages, part of `anonymous`
  std::uint64_t swap = 0;        ///< not resident
  std::optional<std::uint64_t>
      lazy_free{};  ///< given to MADV_FREE and not used since (Linux 4.12+)

  bool operator==(const MemoryFigures&) const = default;
};

struct ResidentMapping {
  Mapping mapping;
  MemoryFigures figures;
  /// Pages of devices and of hugetlbfs are present, and no part of RSS (VmFlags pf, io, ht).
  bool outside_rss = false;
  bool huge_advised = false;  ///< MADV_HUGEPAGE (VmFlags hg)

  bool operator==(const ResidentMapping&) const = default;
};

/// Lines that make no sense are skipped and counted. The result rises by address.
std::vector<ResidentMapping> parse_smaps(std::string_view text, Diagnostics& diagnostics);
/// Of smaps_rollup. kCorrupt if it has no Rss.
Result<MemoryFigures> parse_memory_figures(std::string_view text);

/// The kernel walks all pages of the process for it, some milliseconds a GiB. kNotFound if there is
/// no such process, kPermissionDenied if its memory may not be read.
Result<std::vector<ResidentMapping>> read_smaps(pid_t pid, Diagnostics& diagnostics);
/// The same walk, added up (Linux 4.14+).
Result<MemoryFigures> read_memory_figures(pid_t pid);

}  // namespace seep::procfs
