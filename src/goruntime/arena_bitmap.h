// Which words of the heap are pointers, as arenas tell it up to Go 1.21 (runtime/mbitmap.go):
//   Go 1.12-1.19: heapArena.bitmap has two bits a word, "pointer" and "the object goes on"; a byte
//     holds four of the former, then four of the latter.
//   Go 1.20-1.21: heapArena.bitmap has one bit a word; bit i of heapArena.noMorePtrs says that the
//     object that reaches the end of the bitmap's i-th 64 bits has no pointers after them.
// What comes after an object's end of pointers is left from earlier objects.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "goruntime/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Where the bitmaps are.
struct ArenaBitmaps {
  Address arenas;  ///< the table of addresses of heapArenas; null: this release has no such bitmaps
  Member bitmap, no_more;
  BitmapShape shape = BitmapShape::kSpanAndHeaders;
  bool second_scan_bit_is_checkmark = false;

  static Result<ArenaBitmaps> find(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                   const RuntimeVariables& variables);
};

/// The bits of one run of words of the heap; one per thread, to keep its memory.
class ArenaBits {
 public:
  /// Fetches the bits of the words in a range that begins and ends with 64 words. False, and all
  /// bits zero, if they are not readable.
  bool fetch(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps, AddressRange range);

  /// Clears what is left from earlier objects in the object of `words` words from `first` on, both
  /// counted from the start of the range.
  void end_object(std::uint64_t first, std::uint64_t words);

  /// True if the object that begins at `begin` has no pointers from `at` on. For objects too large
  /// for one range: those of 1.12-1.19 leave nothing behind, as their spans are new.
  static bool ends_before(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                          Address begin, Address at);

  /// A bit per word; a word of zeros follows.
  const std::vector<std::uint64_t>& pointers() const { return pointers_; }

 private:
  bool read(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps, AddressRange part);

  BitmapShape shape_ = BitmapShape::kSpanAndHeaders;
  bool second_is_checkmark_ = false;
  std::vector<std::uint64_t> pointers_;
  std::vector<std::uint64_t> goes_on_;  ///< kArenaTwoBits: a bit per word
  std::vector<bool> no_more_;           ///< kArenaOneBit: by word of pointers_
  std::vector<std::uint64_t> raw_;
};

}  // namespace seep::goruntime
