#include "goruntime/arena_bitmap.h"

#include <algorithm>
#include <bit>
#include <span>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kArenaBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kChunkBytes = 64 * 8;  ///< of heap, for 64 bits
// arenaIndex (mheap.go) counts from -2^47 on amd64.
constexpr std::uint64_t kArenaBase = std::uint64_t{1} << 47;

Result<Address> arena_of(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                         Address address) {
  std::uint64_t index = (address.value() + kArenaBase) / kArenaBytes;
  Address arena = TRY(memory.read_address(bitmaps.arenas + index * 8));
  if (arena.is_null()) return fail(ErrorKind::kCorrupt, "a span lies outside all arenas", address);
  return arena;
}

// The low four bits of each byte, side by side.
std::uint32_t low_nibbles(std::uint64_t word) {
  word &= 0x0f0f0f0f0f0f0f0f;
  word = (word | (word >> 4)) & 0x00ff00ff00ff00ff;
  word = (word | (word >> 8)) & 0x0000ffff0000ffff;
  return static_cast<std::uint32_t>(word | (word >> 16));
}

void clear(std::vector<std::uint64_t>& bits, std::uint64_t from, std::uint64_t to) {
  for (std::uint64_t at = from; at < to;) {
    std::uint64_t count = std::min(64 - at % 64, to - at);
    std::uint64_t mask = count == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1;
    bits[at / 64] &= ~(mask << (at % 64));
    at += count;
  }
}

}  // namespace

Result<ArenaBitmaps> ArenaBitmaps::find(const target::MemoryReader& memory,
                                        const RuntimeLayout& layout,
                                        const RuntimeVariables& variables) {
  ArenaBitmaps bitmaps;
  bitmaps.shape = layout.bitmap;
  if (layout.bitmap == BitmapShape::kSpanAndHeaders) return bitmaps;
  bitmaps.bitmap = layout.heap_arena.bitmap;
  bitmaps.no_more = layout.heap_arena.noMorePtrs;
  bitmaps.second_scan_bit_is_checkmark = layout.second_scan_bit_is_checkmark;
  bitmaps.arenas = TRY(memory.read_address(variables.mheap + layout.mheap.arenas.offset));
  return bitmaps;
}

bool ArenaBits::fetch(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                      AddressRange range) {
  shape_ = bitmaps.shape;
  second_is_checkmark_ = bitmaps.second_scan_bit_is_checkmark;
  std::size_t chunks = static_cast<std::size_t>(range.size() / kChunkBytes);
  pointers_.clear();
  goes_on_.clear();
  no_more_.clear();
  bool readable = true;
  for (Address at = range.begin; readable && at < range.end;) {
    Address arena_end = at.aligned_down(kArenaBytes) + kArenaBytes;
    Address end = std::min(range.end, arena_end);
    readable = read(memory, bitmaps, {at, end});
    at = end;
  }
  if (!readable) pointers_.assign(chunks, 0);
  pointers_.push_back(0);
  goes_on_.resize(pointers_.size());
  no_more_.resize(pointers_.size());
  return readable;
}

bool ArenaBits::read(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                     AddressRange part) {
  Result<Address> arena = arena_of(memory, bitmaps, part.begin);
  if (!arena) return false;
  std::uint64_t first = part.begin.value() % kArenaBytes / kChunkBytes;
  std::size_t chunks = static_cast<std::size_t>(part.size() / kChunkBytes);
  Address bitmap = *arena + bitmaps.bitmap.offset;
  if (bitmaps.shape == BitmapShape::kArenaTwoBits) {
    raw_.resize(2 * chunks);
    if (!memory.read(bitmap + first * 16, std::as_writable_bytes(std::span(raw_)))) return false;
    for (std::size_t i = 0; i < chunks; ++i) {
      std::uint64_t low = raw_[2 * i];
      std::uint64_t high = raw_[2 * i + 1];
      pointers_.push_back(low_nibbles(low) | std::uint64_t{low_nibbles(high)} << 32);
      goes_on_.push_back(low_nibbles(low >> 4) | std::uint64_t{low_nibbles(high >> 4)} << 32);
    }
    return true;
  }
  raw_.resize(chunks);
  if (!memory.read(bitmap + first * 8, std::as_writable_bytes(std::span(raw_)))) return false;
  pointers_.insert(pointers_.end(), raw_.begin(), raw_.end());
  std::uint64_t first_byte = first / 8;
  std::vector<std::uint8_t> ends((first + chunks + 7) / 8 - first_byte);
  if (!memory.read(*arena + bitmaps.no_more.offset + first_byte,
                   std::as_writable_bytes(std::span(ends)))) {
    return false;
  }
  for (std::size_t i = 0; i < chunks; ++i) {
    std::uint64_t bit = first % 8 + i;
    no_more_.push_back(((ends[bit / 8] >> (bit % 8)) & 1) != 0);
  }
  return true;
}

void ArenaBits::end_object(std::uint64_t first, std::uint64_t words) {
  std::uint64_t end = first + words;
  if (shape_ == BitmapShape::kArenaOneBit) {
    for (std::uint64_t chunk = first / 64; (chunk + 1) * 64 < end; ++chunk) {
      if (!no_more_[chunk]) continue;
      clear(pointers_, (chunk + 1) * 64, end);
      return;
    }
    return;
  }
  // The first word without its bit ends the object (scanobject in mgcmark.go).
  for (std::uint64_t at = first; at < end;) {
    std::uint64_t stops = ~goes_on_[at / 64] >> (at % 64);
    if (second_is_checkmark_ && at <= first + 1) {
      std::uint64_t second = first + 1 - at;
      if (second < 64) stops &= ~(std::uint64_t{1} << second);
    }
    if (stops != 0) {
      at += static_cast<unsigned>(std::countr_zero(stops));
      if (at < end) clear(pointers_, at, end);
      return;
    }
    at = at / 64 * 64 + 64;
  }
}

bool ArenaBits::ends_before(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                            Address begin, Address at) {
  if (bitmaps.shape != BitmapShape::kArenaOneBit) return false;
  constexpr std::uint64_t kByteCovers = kChunkBytes * 8;
  for (Address from = begin.aligned_down(kByteCovers); from < at;) {
    Address end = std::min(at, from.aligned_down(kArenaBytes) + kArenaBytes);
    Result<Address> arena = arena_of(memory, bitmaps, from);
    if (!arena) return true;
    std::vector<std::uint8_t> bytes(
        static_cast<std::size_t>((end - from + kByteCovers - 1) / kByteCovers));
    Address where = *arena + bitmaps.no_more.offset + from.value() % kArenaBytes / kByteCovers;
    if (!memory.read(where, std::as_writable_bytes(std::span(bytes)))) return true;
    for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
      Address chunk = from + i * kChunkBytes;
      bool inside = chunk >= begin && chunk + kChunkBytes <= at;
      if (inside && ((bytes[i / 8] >> (i % 8)) & 1) != 0) return true;
    }
    from = end;
  }
  return false;
}

}  // namespace seep::goruntime
