// How the runtime of a process treats memory, as far as its resident memory depends on it: what
// snapshot/resident_memory.h (ResidentFacts) asks for beside the figures.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/figures/peek_plan.h"
#include "goruntime/layout/go_version.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

struct MemoryPolicy {
  /// Pages are given back with MADV_FREE: they stay resident until the kernel is short of memory.
  /// The program's own setting at this moment (GODEBUG=madvdontneed=0 or 1): the default is lazy in
  /// Go 1.12-1.15 and at once since 1.16. On a kernel without MADV_FREE (before 4.5) nothing is
  /// lazy, which the runtime finds out when it is refused; that is not told here.
  std::optional<bool> returns_lazily;
  /// It asks the kernel for huge pages in its heap (MADV_HUGEPAGE, MADV_COLLAPSE).
  bool asks_for_huge_pages = false;
  /// Goroutines that ended, whose structs are kept to be used again; the runtime frees none.
  std::optional<std::uint64_t> dead_goroutines;
  /// MemStats.GCCPUFraction: of the processor time that the program could have had since it began.
  /// None before the first collection.
  std::optional<double> collecting_share;
};

/// What could not be read is absent. `slide` is process address minus linked address.
MemoryPolicy read_memory_policy(const target::MemoryReader& memory, const PeekPlan& plan,
                                std::uint64_t slide);

/// Whether this release's runtime asks for huge pages in the heap.
bool advises_huge_pages(const GoVersion& version);

}  // namespace seep::goruntime
