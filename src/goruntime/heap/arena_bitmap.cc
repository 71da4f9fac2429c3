#include "goruntime/heap/arena_bitmap.h"

#include <algorithm>
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

}  // namespace

Result<ArenaBitmaps> ArenaBitmaps::find(const target::MemoryReader& memory,
                                        const RuntimeLayout& layout,
                                        const RuntimeVariables& variables) {
  ArenaBitmaps bitmaps;
  bitmaps.shape = layout.bitmap;
  if (layout.bitmap == BitmapShape::kSpanAndHeaders) return bitmaps;
  bitmaps.bitmap = layout.heap_arena.bitmap;
  bitmaps.arenas = TRY(memory.read_address(variables.mheap + layout.mheap.arenas.offset));
  return bitmaps;
}

bool ArenaBits::fetch(const target::MemoryReader& memory, const ArenaBitmaps& bitmaps,
                      AddressRange range) {
  std::size_t chunks = static_cast<std::size_t>(range.size() / kChunkBytes);
  pointers_.clear();
  bool readable = true;
  for (Address at = range.begin; readable && at < range.end;) {
    Address arena_end = at.aligned_down(kArenaBytes) + kArenaBytes;
    Address end = std::min(range.end, arena_end);
    readable = read(memory, bitmaps, {at, end});
    at = end;
  }
  if (!readable) pointers_.assign(chunks, 0);
  pointers_.push_back(0);
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
    }
    return true;
  }
  raw_.resize(chunks);
  if (!memory.read(bitmap + first * 8, std::as_writable_bytes(std::span(raw_)))) return false;
  pointers_.insert(pointers_.end(), raw_.begin(), raw_.end());
  return true;
}

}  // namespace seep::goruntime
