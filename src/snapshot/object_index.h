// From an address to the object it lies in, as fast as the graph needs it: once per pointer word of
// the whole heap.
//
// A two-level table like the runtime's own (mheap_.arenas): a chunk per 64 MiB of address space, an
// entry per 8 KiB page. An entry holds all that is needed to go from an offset in its span to a
// slot by one multiplication, so a look-up touches two cache lines.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/result.h"
#include "snapshot/heap.h"

namespace seep::snapshot {

class ObjectIndex {
 public:
  static constexpr std::uint64_t kPageBytes = 8192;
  static constexpr std::uint64_t kChunkBytes = std::uint64_t{64} << 20;

  struct Hit {
    ObjectId object;        ///< the slot, allocated or not; none outside every span
    bool interior = false;  ///< the address is not the slot's first data byte
  };

  /// Whether spans are in order and can be indexed: kCorrupt on spans that overlap, are not whole
  /// pages, or spread too far apart (the first level covers at most 16 TiB between the lowest and
  /// the highest span).
  static Result<void> check(const std::vector<Span>& spans);

  /// Checks first. Memory goes with the bytes of the spans: who builds it for spans of a file that
  /// anybody may have made, knows that these are not behind it.
  static Result<ObjectIndex> build(const std::vector<Span>& spans);

  /// What the slot around an address is like, and how far the address is from its first data byte.
  struct Place {
    ObjectId object;           ///< as of Hit
    std::uint64_t bytes = 0;   ///< of data
    std::uint64_t offset = 0;  ///< beyond every slot for one in the runtime's header
    bool pointer_free = false;
    bool far = false;  ///< `bytes` and `offset` are not right: more than 2 MiB from its start
  };

  Place place_of(std::uint64_t address) const {
    std::uint64_t chunk = address / kChunkBytes - first_chunk_;
    if (chunk >= chunks_.size()) return {};
    const Page* pages = chunks_[chunk].get();
    if (pages == nullptr) return {};
    const Page& page = pages[address / kPageBytes % kPagesPerChunk];
    std::uint64_t offset =
        std::uint64_t{page.page_in_span} * kPageBytes + (address & (kPageBytes - 1));
    std::uint64_t slot = (offset * page.reciprocal) >> 32;
    if (slot >= page.slot_count) return {};
    return {ObjectId{page.first + static_cast<std::uint32_t>(slot)},
            std::uint64_t{page.slot_bytes} - page.data_offset,
            offset - slot * page.slot_bytes - page.data_offset, page.pointer_free != 0,
            page.page_in_span == kFarPage};
  }

  Hit find(std::uint64_t address) const {
    Place place = place_of(address);
    return {place.object, place.offset != 0};
  }
  Hit find(Address address) const { return find(address.value()); }

  /// Slot size of the span that an address lies in; 0 if the span has only one slot, or none is
  /// there.
  std::uint32_t slot_bytes_at(std::uint64_t address) const {
    std::uint64_t chunk = address / kChunkBytes - first_chunk_;
    if (chunk >= chunks_.size() || chunks_[chunk] == nullptr) return 0;
    const Page& page = chunks_[chunk][address / kPageBytes % kPagesPerChunk];
    return page.reciprocal == 0 ? 0 : page.slot_bytes;
  }

 private:
  static constexpr std::uint64_t kPagesPerChunk = kChunkBytes / kPageBytes;

  static constexpr std::uint8_t kFarPage = 255;

  // The default entry has no slots: every look-up in it misses.
  struct Page {
    std::uint32_t first = 0;
    std::uint32_t reciprocal = 0;  ///< ceil(2^32 / slot_bytes); 0 for a span of one slot
    std::uint32_t slot_bytes = 0;  ///< exact but in a page far from the start of its span
    std::uint16_t slot_count = 0;
    std::uint8_t data_offset : 7 = 0;
    std::uint8_t pointer_free : 1 = 0;
    std::uint8_t page_in_span = 0;  ///< saturates at kFarPage: exact in spans of several slots
  };

  std::uint64_t first_chunk_ = 0;
  std::vector<std::unique_ptr<Page[]>> chunks_;
};

}  // namespace seep::snapshot
