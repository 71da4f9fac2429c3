#include "pipeline/resident_accounts.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "pipeline/memory_claims.h"

namespace seep::pipeline {
namespace {

using goruntime::MemoryPart;
using goruntime::MemoryParts;
using procfs::PageRun;
using procfs::ResidentMapping;
using snapshot::Resident;
using snapshot::ResidentMemory;

constexpr std::uint64_t kHugePageBytes = std::uint64_t{2} << 20;

std::uint64_t share_of(std::uint64_t bytes, std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return 0;
  double share = static_cast<double>(std::min(part, whole)) / static_cast<double>(whole);
  return static_cast<std::uint64_t>(static_cast<double>(bytes) * share);
}

// What of a range lies in 2 MiB blocks that are resident as a whole: only those can be huge pages.
std::uint64_t bytes_in_full_blocks(AddressRange range, AddressRange resident) {
  Address first = (resident.begin + (kHugePageBytes - 1)).aligned_down(kHugePageBytes);
  Address last = resident.end.aligned_down(kHugePageBytes);
  return intersection(range, {first, last}).size();
}

// In which order pages are likely to be there, where only a mapping's sum is known: what is in use,
// what is kept, what was given back, what nobody knows.
int rank_of(const MemoryPart* part) {
  if (part == nullptr) return 3;
  if (part->account == Resident::kReturnedLazily) return 2;
  return part->account == Resident::kHeapFree ? 1 : 0;
}

class Accountant {
 public:
  Accountant(const ResidentSources& sources, Diagnostics& diagnostics)
      : sources_(sources),
        diagnostics_(diagnostics),
        kinds_(sources.mappings, sources.memory_devices) {}

  ResidentMemory account() {
    result_.heap_divided = sources_.heap_divided;
    result_.pages_known = sources_.runs.has_value();
    for (const ResidentMapping& mapping : sources_.mappings) {
      if (mapping.outside_rss || mapping.figures.rss == 0) continue;
      begin(mapping);
      std::vector<PageRun> runs = runs_in(mapping.mapping.range, sources_.runs);
      if (runs.empty()) {
        add_sum(mapping);
      } else {
        add_pages(mapping, runs);
      }
      settle_given_back(mapping);
    }
    settle_anonymous();
    settle_profiles();
    settle_total();
    return result_;
  }

 private:
  void begin(const ResidentMapping& mapping) {
    kind_ = kinds_.kind_of(mapping.mapping);
    given_back_ = given_back_in_blocks_ = 0;
  }

  void add_pages(const ResidentMapping& mapping, const std::vector<PageRun>& runs) {
    std::uint64_t present = 0;
    for (const PageRun& run : runs) present += run.range.size();
    bool has_zeros = present > mapping.figures.rss;
    for (const PageRun& run : runs) {
      if (has_zeros && run.maybe_zeros) continue;
      split_claims(run.range);
      for (const ClaimedPiece& piece : pieces_) add(piece, piece.range.size(), run.range);
    }
  }

  void add_sum(const ResidentMapping& mapping) {
    split_claims(mapping.mapping.range);
    std::stable_sort(pieces_.begin(), pieces_.end(),
                     [](const ClaimedPiece& a, const ClaimedPiece& b) {
                       return rank_of(a.part) < rank_of(b.part);
                     });
    std::uint64_t left = mapping.figures.rss;
    for (const ClaimedPiece& piece : pieces_) {
      std::uint64_t bytes = std::min(left, piece.range.size());
      add(piece, bytes, piece.range);
      left -= bytes;
    }
  }

  void split_claims(AddressRange range) {
    pieces_.clear();
    split(range, sources_.claims, pieces_);
  }

  void add(const ClaimedPiece& piece, std::uint64_t bytes, AddressRange resident) {
    if (piece.part == nullptr) {
      if (kind_) {
        result_[*kind_] += bytes;
      } else {
        anonymous_ += bytes;
      }
    } else if (piece.part->account == Resident::kHeapLive && sources_.heap_divided) {
      add_objects(*piece.part, bytes);
    } else if (piece.part->account == Resident::kReturnedLazily) {
      given_back_ += bytes;
      given_back_in_blocks_ += std::min(bytes, bytes_in_full_blocks(piece.range, resident));
    } else {
      result_[piece.part->account] += bytes;
    }
  }

  void add_objects(const MemoryPart& part, std::uint64_t bytes) {
    std::uint64_t live = share_of(bytes, part.live_bytes, part.range.size());
    std::uint64_t garbage = share_of(bytes, part.garbage_bytes, part.range.size());
    live = std::min(live, bytes);
    garbage = std::min(garbage, bytes - live);
    result_[Resident::kHeapLive] += live;
    result_[Resident::kHeapGarbage] += garbage;
    result_.unjudged_bytes += std::min(garbage, share_of(bytes, part.new_bytes, part.range.size()));
    result_[Resident::kHeapWaste] += bytes - live - garbage;
  }

  // The kernel knows best what waits to be taken (LazyFree). What is there besides can be part of a
  // huge page. A few pages of the last call are not marked yet, for the kernel does so in batches
  // (folio_mark_lazyfree, mm/swap.c). If it is nothing of all that, the runtime's word and the
  // kernel's contradict each other.
  void settle_given_back(const ResidentMapping& mapping) {
    std::uint64_t lazily = std::min(given_back_, mapping.figures.lazy_free.value_or(0));
    std::uint64_t rest = given_back_ - lazily;
    std::uint64_t huge = std::min({rest, given_back_in_blocks_, mapping.figures.huge_pages});
    if (sources_.returns_lazily) {
      lazily += rest - huge;
      rest = huge;
    }
    result_[Resident::kReturnedLazily] += lazily;
    result_[Resident::kHugeExcess] += huge;
    result_[Resident::kUnexplained] += rest - huge;
    diagnostics_.count("pages that the runtime has given back and the kernel still has",
                       (rest - huge) / procfs::kPageBytes);
  }

  // Anonymous memory that nobody claims. A malloc that is not glibc's leaves no marks that are
  // known here; else it is the runtime's, as far as its figures tell of more than its pointers lead
  // to, and beyond that the program has mapped it itself.
  void settle_anonymous() {
    if (sources_.other_malloc) {
      result_[Resident::kCMemory] += anonymous_;
      return;
    }
    std::uint64_t tables = std::min(anonymous_, sources_.unclaimed_runtime_bytes.value_or(0));
    result_[Resident::kMetadata] += tables;
    result_[Resident::kOwnMappings] += anonymous_ - tables;
  }

  // Records of profiles are written as soon as they are made, and never freed.
  void settle_profiles() {
    std::uint64_t bytes = std::min(sources_.profile_record_bytes, result_[Resident::kMetadata]);
    result_[Resident::kMetadata] -= bytes;
    result_[Resident::kProfileBuckets] += bytes;
  }

  void settle_total() {
    std::uint64_t total = 0;
    for (std::uint64_t bytes : result_.accounts) total += bytes;
    auto [least, most] = std::minmax(sources_.rss_before, sources_.rss_after);
    result_.rss_bytes = std::clamp(total, least, most);
    if (total < result_.rss_bytes) {
      result_[Resident::kUnexplained] += result_.rss_bytes - total;
      return;
    }
    std::uint64_t excess = total - result_.rss_bytes;
    diagnostics_.count("resident pages that went while they were counted",
                       excess / procfs::kPageBytes);
    while (excess > 0) {
      std::uint64_t& largest = *std::max_element(result_.accounts.begin(), result_.accounts.end());
      std::uint64_t bytes = std::min(excess, largest);
      largest -= bytes;
      excess -= bytes;
    }
    result_.unjudged_bytes = std::min(result_.unjudged_bytes, result_[Resident::kHeapGarbage]);
  }

  const ResidentSources& sources_;
  Diagnostics& diagnostics_;
  MappingKinds kinds_;
  ResidentMemory result_;
  std::optional<Resident> kind_;  ///< of the mapping at hand
  std::uint64_t given_back_ = 0, given_back_in_blocks_ = 0;
  std::uint64_t anonymous_ = 0;
  std::vector<ClaimedPiece> pieces_;
};

bool begins_with_any(std::string_view text, std::span<const std::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

std::string_view file_name(const ResidentMapping& mapping) {
  std::string_view path = mapping.mapping.path;
  return path.substr(path.rfind('/') + 1);
}

// Files that are memory and lie in no file system that one could see: mm/shmem.c, ipc/shm.c,
// mm/memfd.c.
constexpr std::array<std::string_view, 5> kMemoryFiles = {"/memfd:", "/SYSV", "/dev/zero",
                                                          "/dev/shm/", "/anon_hugepage"};
constexpr std::array<std::string_view, 4> kKernelNames = {"[vdso", "[vvar", "[vsyscall",
                                                          "[uprobes"};
constexpr std::array<std::string_view, 9> kMallocNames = {
    "libjemalloc", "libtcmalloc", "libmimalloc", "ld-musl-", "libc.musl-",
    "libasan.",    "libtsan.",    "libmsan.",    "liblsan."};
constexpr std::array<std::string_view, 4> kLibcNames = {"libc.so", "libc-2.", "ld-musl-",
                                                        "libc.musl-"};

}  // namespace

ResidentMemory resident_accounts(const ResidentSources& sources, Diagnostics& diagnostics) {
  return Accountant(sources, diagnostics).account();
}

std::vector<PageRun> runs_in(AddressRange range, const std::optional<std::vector<PageRun>>& all) {
  std::vector<PageRun> inside;
  if (!all) return inside;
  std::vector<PageRun>::const_iterator at = std::partition_point(
      all->begin(), all->end(), [&](const PageRun& run) { return run.range.end <= range.begin; });
  for (; at != all->end() && at->range.begin < range.end; ++at) {
    inside.push_back({intersection(at->range, range), at->maybe_zeros});
  }
  return inside;
}

bool uses_c(const std::vector<ResidentMapping>& mappings) {
  return std::any_of(mappings.begin(), mappings.end(), [](const ResidentMapping& mapping) {
    return mapping.mapping.path == "[heap]" || begins_with_any(file_name(mapping), kLibcNames);
  });
}

bool has_other_malloc(const std::vector<ResidentMapping>& mappings) {
  return std::any_of(mappings.begin(), mappings.end(), [](const ResidentMapping& mapping) {
    return begins_with_any(file_name(mapping), kMallocNames);
  });
}

MappingKinds::MappingKinds(const std::vector<ResidentMapping>& mappings,
                           const std::set<dev_t>& memory_devices)
    : memory_devices_(memory_devices) {
  for (const ResidentMapping& mapping : mappings) {
    const procfs::Mapping& file = mapping.mapping;
    if (file.executable && file.inode != 0) executed_.insert({file.device, file.inode});
  }
}

std::optional<Resident> MappingKinds::kind_of(const procfs::Mapping& mapping) const {
  std::string_view path = mapping.path;
  if (mapping.inode != 0) {
    if (executed_.contains({mapping.device, mapping.inode})) return Resident::kBinary;
    bool is_memory =
        memory_devices_.contains(mapping.device) || begins_with_any(path, kMemoryFiles);
    return is_memory ? Resident::kSharedMemory : Resident::kMappedFiles;
  }
  if (begins_with_any(path, kKernelNames)) return Resident::kKernel;
  if (path.starts_with("[stack")) return Resident::kThreadStacks;
  if (path == "[heap]") return Resident::kCMemory;
  // Names that Go 1.25 and later give (runtime/set_vma_name_linux.go), where the kernel keeps them.
  if (path.starts_with("[anon: Go: heap")) return Resident::kHeapLive;
  if (path.starts_with("[anon: Go: ")) return Resident::kMetadata;
  if (mapping.shared) return Resident::kSharedMemory;
  return std::nullopt;
}

}  // namespace seep::pipeline
