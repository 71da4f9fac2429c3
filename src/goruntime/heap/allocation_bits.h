// Second half of reading spans: the bitmaps that say which slots are allocated, and which of those
// are garbage that waits for the sweeper.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "goruntime/block_cache.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

/// Where a span keeps its bits.
struct AllocationBits {
  Address span_start;
  Address alloc_bits;  ///< null: all clear
  Address mark_bits;
  std::uint32_t free_index = 0;  ///< slots below are allocated whatever the bits say
  bool inline_marks = false;     ///< the span's last bytes hold mark bits too
  /// Slot free_index - 1, if neither the bits nor the marks name it.
  bool last_slot_maybe_unpublished = false;
};

/// Fills heap.allocated and heap.dead_unswept, new_slots and unpublished_slot of the details.
/// `bits` is parallel to the spans of `spans`, whose slots are numbered already.
void read_allocation_bits(BlockCache& cache, const RuntimeLayout& layout,
                          const std::vector<AllocationBits>& bits, HeapSpans& spans,
                          Diagnostics& diagnostics);

}  // namespace seep::goruntime
