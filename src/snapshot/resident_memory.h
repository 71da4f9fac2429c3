// Where the resident memory of a process is: every resident page in exactly one account, and what
// the kernel and the runtime say beside it.
//
// Sources: /proc/PID/smaps, smaps_rollup and pagemap (proc(5)); the runtime's spans and scavenged
// bits (runtime/mpagealloc.go, mheap.go).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "snapshot/go_figures.h"

namespace seep::snapshot {

/// Accounts, in the order in which people see them.
enum class Resident : std::uint8_t {
  kHeapLive,        ///< objects that are reachable, or marked by the last collection
  kHeapGarbage,     ///< objects that are not
  kHeapWaste,       ///< unused parts of spans in use
  kHeapFree,        ///< spans without objects that Go keeps
  kReturnedLazily,  ///< given back with MADV_FREE, and not yet taken by the kernel
  kHugeExcess,      ///< given back, and resident again as a part of a huge page
  kStacks,          ///< of goroutines, in use or kept
  kMetadata,        ///< the runtime's own tables
  kProfileBuckets,  ///< the runtime's heap, block and mutex profiles
  kBinary,          ///< text and data of the executable and its libraries
  kCMemory,         ///< C's malloc: its arenas, [heap], its large blocks
  kOwnMappings,     ///< anonymous memory that the program maps itself: caches outside Go's heap
  kThreadStacks,    ///< of threads that C made, and the main thread's
  kMappedFiles,     ///< files of the program, mapped
  kSharedMemory,    ///< tmpfs, memfd, System V
  kKernel,          ///< vdso and vvar
  kUnexplained,
};
inline constexpr std::size_t kResidentAccounts =
    static_cast<std::size_t>(Resident::kUnexplained) + 1;

/// "Go heap, live", as people read it and JSON has it.
std::string_view name_of(Resident account);

struct ResidentMemory {
  std::uint64_t rss_bytes = 0;  ///< the kernel's figure; the accounts add up to it
  std::array<std::uint64_t, kResidentAccounts> accounts{};
  bool heap_divided = false;  ///< live, garbage and waste are told apart; else all is kHeapLive
  bool pages_known = false;   ///< pagemap was readable; else accounts rest on sums of mappings
  /// Part of kHeapGarbage: allocated since the last collection, which so has not judged it; some of
  /// it lives. 0 where a snapshot knows what can be reached.
  std::uint64_t unjudged_bytes = 0;

  std::uint64_t& operator[](Resident account) {
    return accounts[static_cast<std::size_t>(account)];
  }
  std::uint64_t operator[](Resident account) const {
    return accounts[static_cast<std::size_t>(account)];
  }

  bool operator==(const ResidentMemory&) const = default;
};

/// How full the runtime's spans are: a heap in pieces has many that are nearly empty.
struct SpanOccupancy {
  std::uint64_t spans = 0, bytes = 0;
  std::uint64_t sparse_spans = 0, sparse_bytes = 0;  ///< less than a quarter is allocated …
  std::uint64_t sparse_used_bytes = 0;               ///< … and so much of it

  bool operator==(const SpanOccupancy&) const = default;
};

/// The largest of several files by what of it is resident.
struct LargestFile {
  std::string path;
  std::uint64_t bytes = 0;

  bool operator==(const LargestFile&) const = default;
};

/// The first release of Go that does something which the program's own does not, as people write
/// it: "Go 1.16". Empty where its own does.
struct LaterGo {
  std::string returns_at_once;    ///< gives memory back with MADV_DONTNEED, unless told otherwise
  std::string leaves_huge_pages;  ///< asks for none in its heap
  std::string memory_limit;       ///< has GOMEMLIMIT
  std::string profile_depth;      ///< has GODEBUG=profstackdepth

  bool operator==(const LaterGo&) const = default;
};

/// What rules look at beside the accounts. Bytes; what could not be read is absent.
struct ResidentFacts {
  GoFigures go;
  SpanOccupancy occupancy;
  std::optional<std::uint64_t> lazy_free, huge_pages, pss, swap;  ///< of smaps_rollup
  std::uint64_t threads = 0;
  std::uint64_t dead_goroutines = 0;  ///< ended, their structs kept for ever
  bool returns_lazily = false;        ///< this runtime gives back with MADV_FREE …
  bool can_return_at_once = false;    ///< … unless GODEBUG=madvdontneed=1
  bool asks_for_huge_pages = false;   ///< this runtime advises them (MADV_HUGEPAGE, COLLAPSE)
  bool uses_c = false;                ///< libc is there
  std::optional<std::uint64_t> cgroup_limit, cgroup_usage;  ///< of the tightest memory cgroup
  std::optional<std::uint64_t> cgroup_file, cgroup_shared;  ///< page cache; tmpfs and shared memory
  std::optional<double> collecting_share;    ///< of processor time, where the runtime keeps it
  bool can_decline_huge_pages = false;       ///< this runtime knows GODEBUG=disablethp=1
  std::uint64_t goroutine_struct_bytes = 0;  ///< of the struct that is kept of a dead goroutine
  /// What the stacks of all goroutines would take if each was as small as it can be now: a power of
  /// two, at least the runtime's smallest.
  std::optional<std::uint64_t> stacks_needed;
  std::optional<LargestFile> largest_mapped, largest_shared;
  LaterGo later;

  bool operator==(const ResidentFacts&) const = default;
};

/// Both, as one look at a process gives them.
struct ResidentReading {
  ResidentMemory memory;
  ResidentFacts facts;
  Diagnostics diagnostics{};  ///< what could not be told of the accounts

  bool operator==(const ResidentReading&) const = default;
};

}  // namespace seep::snapshot
