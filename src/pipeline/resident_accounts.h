// Every resident page of a process into one account: from what the kernel says of its mappings and
// pages, and from what the runtime says of its memory. Pure: what was read goes in, sums come out.
//
// Whoever knows more decides. A part of memory that the runtime claims is the runtime's, in
// whatever mapping it lies (the kernel joins neighbours); then come thread stacks and what loaded
// files say of themselves; only the rest goes by the mapping.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/figures/memory_parts.h"
#include "procfs/pagemap.h"
#include "procfs/smaps.h"
#include "snapshot/resident_memory.h"

namespace seep::pipeline {

struct ResidentSources {
  std::vector<procfs::ResidentMapping> mappings;  ///< rising
  /// Rising; none: pagemap may not be read. Of a mapping without any, the sum must do.
  std::optional<std::vector<procfs::PageRun>> runs;

  /// Claims, the stronger ones first. Each list rises, and nothing in it overlaps.
  std::vector<goruntime::MemoryParts> claims;
  bool heap_divided = false;    ///< the claims tell live objects from garbage and waste
  bool returns_lazily = false;  ///< what is given back stays until the kernel wants it (MADV_FREE)

  bool other_malloc = false;  ///< there is one that is not glibc's
  /// How much the runtime has mapped, by its own figures, that is in no claim; none: there is no Go
  /// runtime, or it does not say.
  std::optional<std::uint64_t> unclaimed_runtime_bytes;
  std::set<dev_t> memory_devices;  ///< of tmpfs and its like

  /// How much of the runtime's tables is records of profiles: they lie among others.
  std::uint64_t profile_record_bytes = 0;

  /// The kernel's RSS before and after all that was read: pages came and went meanwhile.
  std::uint64_t rss_before = 0, rss_after = 0;
};

snapshot::ResidentMemory resident_accounts(const ResidentSources& sources,
                                           Diagnostics& diagnostics);

/// The runs of a range; none where they are not known.
std::vector<procfs::PageRun> runs_in(AddressRange range,
                                     const std::optional<std::vector<procfs::PageRun>>& all);

/// libc is there, or memory from brk, which Go never asks for.
bool uses_c(const std::vector<procfs::ResidentMapping>& mappings);

/// A library of a malloc of which seep knows no marks: all anonymous memory that nobody claims is
/// taken for its.
bool has_other_malloc(const std::vector<procfs::ResidentMapping>& mappings);

/// What a mapping is by itself: by its name, its file and whether that is mapped to be executed.
class MappingKinds {
 public:
  MappingKinds(const std::vector<procfs::ResidentMapping>& mappings,
               const std::set<dev_t>& memory_devices);

  /// None: anonymous memory, of which the kernel knows no more.
  std::optional<snapshot::Resident> kind_of(const procfs::Mapping& mapping) const;

 private:
  using File = std::pair<dev_t, std::uint64_t>;

  std::set<File> executed_;
  const std::set<dev_t>& memory_devices_;
};

}  // namespace seep::pipeline
