// Which words of the heap are pointers, as arenas tell it up to Go 1.21 (runtime/mbitmap.go):
//   Go 1.12-1.19: heapArena.bitmap has two bits a word, "pointer" and "the object goes on"; a byte
//     holds four of the former, then four of the latter.
//   Go 1.20-1.21: heapArena.bitmap has one bit a word; heapArena.noMorePtrs says where objects have
//     no pointers any more.
// Where an object's pointers end only saves the collector work: the allocator clears the bits of
// all words behind them ("zero the rest of the bitmap entries" in heapBitsSetType, later
// writeHeapBits.flush).
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Where the bitmaps are.
struct ArenaBitmaps {
  Address arenas;  ///< the table of addresses of heapArenas; null: this release has no such bitmaps
  Member bitmap;
  BitmapShape shape = BitmapShape::kSpanAndHeaders;

  static Result<ArenaBitmaps> find(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                   const RuntimeVariables& variables);
};

/// The bits of one run of words of the heap; one per thread, to keep its memory.
class ArenaBits {
 public:
  /// Fetches the bits of the words in a range that begins and ends with 64 words. False, and all
  /// bits zero, if they are not readable.
  bool fetch(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps, AddressRange range);

  /// A bit per word; a word of zeros follows.
  const std::vector<std::uint64_t>& pointers() const { return pointers_; }

 private:
  bool read(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps, AddressRange part);

  std::vector<std::uint64_t> pointers_;
  std::vector<std::uint64_t> raw_;
};

}  // namespace seep::goruntime
