#include "goruntime/figures/heap_pages.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "goruntime/block_cache.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

using snapshot::Resident;

constexpr std::uint64_t kPageBytes = 8192;
constexpr std::uint64_t kPagesOfAChunk = 512;
constexpr std::uint64_t kChunkBytes = kPagesOfAChunk * kPageBytes;
// Both levels of pageAlloc.chunks have as many entries on amd64 (pallocChunksL1Bits, L2Bits).
constexpr std::uint64_t kChunkTableEntries = 8192;
// chunkIndex and arenaBaseOffset (mpagealloc.go, malloc.go): addresses count from -2^47.
constexpr std::uint64_t kArenaBase = std::uint64_t{1} << 47;
constexpr std::uint64_t kMaxRanges = 65536;
constexpr std::uint64_t kMaxProcessors = 8192;
constexpr std::size_t kMaxChunkDataBytes = 256;

// Of `count` bits from `first` on.
std::uint64_t set_bits(const Bitmap& bits, std::uint32_t first, std::uint32_t count) {
  std::uint64_t total = 0;
  for (std::uint64_t at = first, end = at + count; at < end;) {
    std::uint64_t word = bits.words()[at / 64] >> at % 64;
    std::uint64_t width = std::min<std::uint64_t>(64 - at % 64, end - at);
    if (width < 64) word &= (std::uint64_t{1} << width) - 1;
    total += static_cast<std::uint64_t>(std::popcount(word));
    at += width;
  }
  return total;
}

void add_occupancy(const snapshot::Span& span, std::uint64_t used_bytes,
                   snapshot::SpanOccupancy& occupancy) {
  ++occupancy.spans;
  occupancy.bytes += span.bytes;
  if (used_bytes >= span.bytes / 4) return;
  ++occupancy.sparse_spans;
  occupancy.sparse_bytes += span.bytes;
  occupancy.sparse_used_bytes += used_bytes;
}

MemoryPart objects_of(const HeapSpans& heap, std::size_t index,
                      snapshot::SpanOccupancy& occupancy) {
  const snapshot::Span& span = heap.heap.spans[index];
  std::uint64_t allocated = set_bits(heap.heap.allocated, span.first.value, span.slot_count);
  std::uint64_t dead = set_bits(heap.heap.dead_unswept, span.first.value, span.slot_count);
  std::uint64_t fresh = heap.collected ? heap.details[index].new_slots : 0;
  std::uint64_t garbage = std::min(dead + fresh, allocated);
  add_occupancy(span, (allocated - dead) * span.slot_bytes, occupancy);
  return {{span.start, span.end()},
          Resident::kHeapLive,
          (allocated - garbage) * span.slot_bytes,
          garbage * span.slot_bytes,
          std::min(fresh, garbage) * span.slot_bytes};
}

/// Bits of the pages of a chunk, page 0 in the lowest bit of word 0.
using ChunkBits = std::array<std::uint64_t, kPagesOfAChunk / 64>;

bool test(const ChunkBits& bits, std::uint64_t page) { return bits[page / 64] >> page % 64 & 1; }

class FreePages {
 public:
  FreePages(const target::MemoryReader& memory, const RuntimeLayout& layout,
            const RuntimeVariables& variables, Diagnostics& diagnostics)
      : cache_(memory),
        memory_(memory),
        layout_(layout),
        variables_(variables),
        diagnostics_(diagnostics) {}

  /// By the bitmaps.
  Result<MemoryParts> read() {
    if (layout_.palloc_data.bytes == 0 || layout_.palloc_data.bytes > kMaxChunkDataBytes) {
      return fail(ErrorKind::kUnsupported, "the size of runtime.pallocData is unknown");
    }
    for (AddressRange range : TRY(ranges_in_use())) read_range(range);
    return take_parts();
  }

  /// In the caches of the Ps.
  MemoryParts read_caches() {
    Result<std::uint64_t> count = memory_.read_value<std::uint64_t>(variables_.allp + 8);
    Result<Address> first = memory_.read_address(variables_.allp);
    if (!count || !first || *count > kMaxProcessors) {
      diagnostics_.count("lists of processors that are not readable");
      return {};
    }
    std::vector<Address> processors(static_cast<std::size_t>(*count));
    if (!memory_.read(*first, std::as_writable_bytes(std::span(processors)))) {
      diagnostics_.count("lists of processors that are not readable");
      return {};
    }
    for (Address processor : processors) read_cache(processor);
    return take_parts();
  }

 private:
  Result<std::vector<AddressRange>> ranges_in_use() {
    Address slice = variables_.mheap + layout_.mheap.pages_inUse.offset;
    Address first = TRY(memory_.read_address(slice));
    std::uint64_t count = TRY(memory_.read_value<std::uint64_t>(slice + 8));
    if (count > kMaxRanges) {
      return fail(ErrorKind::kCorrupt, "the heap is in too many pieces to be one", slice);
    }
    std::vector<AddressRange> ranges(static_cast<std::size_t>(count));
    TRY(memory_.read(first, std::as_writable_bytes(std::span(ranges))));
    std::erase_if(ranges, [this](AddressRange range) {
      bool wrong = range.end.value() > kArenaBase || range.end <= range.begin ||
                   !range.begin.is_aligned(kPageBytes) || !range.end.is_aligned(kPageBytes);
      diagnostics_.count("pieces of the heap that contradict themselves", wrong);
      return wrong;
    });
    return ranges;
  }

  void read_range(AddressRange range) {
    for (Address at = range.begin; at < range.end;) {
      std::uint64_t number = (at.value() + kArenaBase) / kChunkBytes;
      Address table = chunk_table(number / kChunkTableEntries);
      Address end = std::min(range.end, at.aligned_down(kChunkBytes) + kChunkBytes);
      if (table.is_null()) {  // 32 GiB of addresses without heap
        std::uint64_t next = (number / kChunkTableEntries + 1) * kChunkTableEntries;
        at = Address(next * kChunkBytes - kArenaBase);
        continue;
      }
      read_chunk(table + number % kChunkTableEntries * layout_.palloc_data.bytes, {at, end});
      at = end;
    }
  }

  Address chunk_table(std::uint64_t number) {
    Address entry = variables_.mheap + layout_.mheap.pages_chunks.offset + number * 8;
    return cache_.read_value<Address>(entry).value_or(Address());
  }

  void read_chunk(Address data, AddressRange range) {
    std::array<std::byte, kMaxChunkDataBytes> bytes;
    ChunkBits allocated, given_back;
    if (!cache_.read(data, std::span(bytes).first(layout_.palloc_data.bytes)) ||
        !load(bytes, layout_.palloc_data.pallocBits, allocated) ||
        !load(bytes, layout_.palloc_data.scavenged, given_back)) {
      diagnostics_.count("chunks of the heap whose bitmaps are not readable");
      return;
    }
    for (Address page = range.begin; page < range.end; page = page + kPageBytes) {
      std::uint64_t index = page.value() % kChunkBytes / kPageBytes;
      // One that is allocated and in no span is in the cache of a P, or on its way.
      bool is_free = !test(allocated, index);
      add(page, is_free && test(given_back, index));
    }
  }

  void read_cache(Address processor) {
    const auto& members = layout_.p;
    Result<std::uint64_t> base =
        memory_.read_value<std::uint64_t>(processor + members.pcache_base.offset);
    Result<std::uint64_t> cache =
        memory_.read_value<std::uint64_t>(processor + members.pcache_cache.offset);
    Result<std::uint64_t> given_back =
        memory_.read_value<std::uint64_t>(processor + members.pcache_scav.offset);
    if (!base || !cache || !given_back || *base >= kArenaBase || *base % kPageBytes != 0) {
      diagnostics_.count("caches of pages that are not readable");
      return;
    }
    for (unsigned i = 0; i < 64; ++i) {
      if ((*cache >> i & 1) != 0) add(Address(*base) + i * kPageBytes, *given_back >> i & 1);
    }
  }

  MemoryParts take_parts() {
    diagnostics_.count("free pages that are listed twice", make_disjoint(parts_));
    return std::exchange(parts_, {});
  }

  static bool load(std::span<const std::byte> bytes, Member member, ChunkBits& bits) {
    for (std::uint32_t i = 0; i < bits.size(); ++i) bits[i] = load_word(bytes, member, i);
    return member.size == sizeof bits;
  }

  void add(Address page, bool given_back) {
    AddressRange range{page, page + kPageBytes};
    Resident account = given_back ? Resident::kReturnedLazily : Resident::kHeapFree;
    if (!parts_.empty() && parts_.back().range.end == page && parts_.back().account == account) {
      parts_.back().range.end = range.end;
    } else {
      parts_.push_back({range, account});
    }
  }

  BlockCache cache_;
  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const RuntimeVariables& variables_;
  Diagnostics& diagnostics_;
  MemoryParts parts_;
};

MemoryParts free_spans(const HeapSpans& heap) {
  MemoryParts parts;
  for (const FreeSpan& span : heap.free_spans) {
    parts.push_back(
        {span.range, span.given_back ? Resident::kReturnedLazily : Resident::kHeapFree});
  }
  return parts;
}

MemoryParts spans_in_use(const HeapSpans& heap, snapshot::SpanOccupancy& occupancy) {
  MemoryParts parts;
  parts.reserve(heap.heap.spans.size() + heap.manual_spans.size());
  for (std::size_t i = 0; i < heap.heap.spans.size(); ++i) {
    parts.push_back(objects_of(heap, i, occupancy));
  }
  for (AddressRange span : heap.buffer_spans) parts.push_back({span, Resident::kMetadata});
  for (AddressRange span : heap.manual_spans) {
    if (!std::binary_search(heap.buffer_spans.begin(), heap.buffer_spans.end(), span)) {
      parts.push_back({span, Resident::kStacks});
    }
  }
  return parts;
}

}  // namespace

Result<HeapPages> read_heap_pages(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                  const RuntimeVariables& variables, Diagnostics& diagnostics) {
  HeapSpans heap = TRY(read_spans(memory, layout, variables, diagnostics));
  HeapPages pages;
  pages.spans = spans_in_use(heap, pages.occupancy);
  diagnostics.count("spans that overlap another", make_disjoint(pages.spans));
  FreePages free(memory, layout, variables, diagnostics);
  if (layout.mheap.pages_inUse.exists()) {  // Go 1.14+
    pages.cached = free.read_caches();
    pages.free = TRY(free.read());
  } else {
    pages.free = free_spans(heap);
    diagnostics.count("free pages that are listed twice", make_disjoint(pages.free));
  }
  return pages;
}

}  // namespace seep::goruntime
