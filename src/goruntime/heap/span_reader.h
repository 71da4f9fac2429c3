// The spans of the heap and which of their slots are allocated (runtime/mheap.go, mbitmap.go,
// mgcsweep.go, mgcmark_greenteagc.go).
//
// mheap_.allspans names every mspan there ever was. A slot of an in-use span is allocated if its
// index is below `freeindex` or its bit in `allocBits` is set. Collected garbage looks allocated
// until its span is swept; until then the mark bits tell.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/heap/arena_bitmap.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/heap.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Where it is written which words of a span's slots are pointers.
enum class PointerSource : std::uint8_t {
  kNone,        ///< the slots hold no pointers
  kSpanBitmap,  ///< a bit per word, in the span itself
  kSlotHeader,  ///< the first word of each slot names the type that repeats over the rest
  kLargeType,   ///< the mspan names the type that repeats over its one slot
  kArenaBits,   ///< the arena has bits for its words
};

/// What only this room needs to know of a span.
struct SpanDetail {
  static constexpr std::uint32_t kNoSlot = std::numeric_limits<std::uint32_t>::max();

  Address mspan;
  Address large_type;             ///< kLargeType: may be null while the object is being made
  Address specials;               ///< first of the list; null if none
  std::uint32_t alloc_count = 0;  ///< the runtime's own count
  std::uint32_t new_slots = 0;    ///< of a swept span: allocated since the last collection
  std::uint32_t unpublished_slot = kNoSlot;  ///< handed out, but its words are not yet set
  std::uint32_t bitmap_offset = 0;           ///< kSpanBitmap: bytes from the start of the span
  PointerSource pointers = PointerSource::kNone;
  bool cached = false;  ///< a P allocates from it
  bool being_swept = false;
  bool unswept = false;      ///< garbage of the last collection still counts as allocated
  bool marks_asked = false;  ///< its mark bits tell what is allocated
};

/// Pages in no use.
struct FreeSpan {
  AddressRange range;
  bool given_back = false;  ///< to the system
};

struct HeapSpans {
  snapshot::Heap heap;              ///< spans, slot_count, allocated and dead_unswept are filled in
  std::vector<SpanDetail> details;  ///< parallel to heap.spans
  /// Memory of the arenas that holds no objects (stacks, the collector's work buffers), ascending.
  std::vector<AddressRange> manual_spans;
  std::vector<AddressRange> buffer_spans;  ///< those of them that are no stacks
  std::vector<FreeSpan> free_spans;        ///< Go 1.12-1.13; later releases keep no spans of them
  std::uint64_t in_use_bytes = 0;          ///< of heap.spans, whole pages
  std::uint64_t manual_bytes = 0;
  bool collecting = false;      ///< a mark phase was under way
  bool collected = false;       ///< at least one collection was begun
  ArenaBitmaps bitmaps;         ///< for kArenaBits
  bool masks_on_demand = true;  ///< RuntimeLayout::masks_on_demand
};

Result<HeapSpans> read_spans(const target::MemoryReader& memory, const RuntimeLayout& layout,
                             const RuntimeVariables& variables, Diagnostics& diagnostics);

/// Memory that no reader of the heap asks for, ascending and merged: who copies a stopped process
/// leaves it out.
std::vector<AddressRange> pointer_free_ranges(const HeapSpans& spans);

}  // namespace seep::goruntime
