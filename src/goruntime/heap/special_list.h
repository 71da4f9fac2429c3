// The records that the runtime hangs on single objects: finalizers, cleanups, weak handles, samples
// of the heap profile (runtime.special, mheap.go).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/block_cache.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/loop_detector.h"
#include "goruntime/member_value.h"
#include "snapshot/heap.h"

namespace seep::goruntime {

/// One record; valid while it is visited.
struct Special {
  std::uint8_t kind = 0;
  std::uint32_t slot = 0;            ///< of its span; several records may name one
  std::span<const std::byte> bytes;  ///< the head and the longest payload that any kind has
};

inline constexpr std::size_t kSpecialBytes = 64;

/// The last record before a hole in memory may be shorter than the longest kind.
template <typename Memory>
bool read_special(Memory& memory, Address at, std::uint32_t head_bytes,
                  std::span<std::byte, kSpecialBytes> bytes) {
  if (memory.read(at, bytes)) return true;
  std::size_t shortest = std::min<std::size_t>(head_bytes + 8, bytes.size());
  std::fill(bytes.begin(), bytes.end(), std::byte{0});
  return memory.read(at, bytes.first(shortest)).has_value();
}

/// Calls visit(Address) with each word of a record from which the collector marks while nothing
/// else has it (markrootSpans and gcScanCleanup, mgcmark.go); none for other kinds.
template <typename Visit>
void for_each_marked_word(const RuntimeLayout& layout, std::uint8_t kind,
                          std::span<const std::byte> bytes, Visit&& visit) {
  const auto& kinds = layout.special_kind;
  if (kind == 0) return;
  if (kind == kinds.finalizer) visit(load_address(bytes, layout.special_finalizer.fn));
  if (kind != kinds.cleanup) return;
  const Member& cleanup = layout.special_cleanup.cleanup;
  if (!cleanup.exists()) {
    visit(load_address(bytes, layout.special_cleanup.fn));
    return;
  }
  for (Member part : {layout.cleanup_fn.call, layout.cleanup_fn.fn, layout.cleanup_fn.arg}) {
    visit(load_address(bytes, Member{cleanup.offset + part.offset, part.size}));
  }
}

/// Calls visit(const Special&) for each record of a span's list, which `first` begins. The list is
/// ordered by offset, so slots do not fall.
template <typename Visit>
void for_each_special(BlockCache& cache, const RuntimeLayout& layout, Address first,
                      const snapshot::Span& span, Diagnostics& diagnostics, Visit&& visit) {
  std::array<std::byte, kSpecialBytes> bytes;
  LoopDetector detector;
  std::uint32_t last_slot = 0;
  for (Address at = first; !at.is_null(); at = load_address(bytes, layout.special.next)) {
    bool readable = read_special(cache, at, layout.special.bytes, bytes);
    if (!readable || detector.is_loop(at)) {
      diagnostics.count("lists of finalizers and samples that are not readable to the end");
      return;
    }
    Special special;
    special.kind = static_cast<std::uint8_t>(load_member(bytes, layout.special.kind));
    std::uint64_t slot = load_member(bytes, layout.special.offset) / span.slot_bytes;
    if (slot >= span.slot_count) {
      diagnostics.count("finalizers and samples that lie outside their span");
      continue;
    }
    special.slot = static_cast<std::uint32_t>(slot);
    // The runtime looks for a record by its place in the order; what is out of it is of another
    // list.
    if (special.slot < last_slot) {
      diagnostics.count("lists of finalizers and samples that are out of order");
      return;
    }
    last_slot = special.slot;
    special.bytes = bytes;
    visit(special);
  }
}

}  // namespace seep::goruntime
