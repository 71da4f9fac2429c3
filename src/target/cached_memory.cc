#include "target/cached_memory.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace seep::target {
namespace {

// Neighbouring blocks get places apart, and equal offsets in large arenas do not meet.
std::size_t place_of(std::uint64_t index, std::size_t places) {
  std::uint64_t mixed = index * 0x9e3779b97f4a7c15u;
  return static_cast<std::size_t>(mixed >> 32) & (places - 1);
}

// Reads of at least this size gain nothing from a copy more.
constexpr std::size_t kLargeRead = CachedMemory::kBlockBytes;

}  // namespace

CachedMemory::CachedMemory(const MemoryReader& memory, std::size_t max_blocks)
    : memory_(&memory), places_(std::bit_ceil(std::max<std::size_t>(max_blocks, 1))) {}

std::size_t CachedMemory::read_block(std::uint64_t index, std::size_t offset,
                                     std::span<std::byte> out) const {
  Place& place = places_[place_of(index, places_.size())];
  std::lock_guard lock(place.mutex);
  if (!place.block || place.block->index != index) {
    if (!place.block) place.block = std::make_unique_for_overwrite<Block>();
    place.block->index = index;
    place.block->readable =
        memory_->read_some(Address(index * kBlockBytes), std::span(place.block->bytes));
  }
  if (place.block->readable >= offset + out.size()) {
    std::memcpy(out.data(), place.block->bytes.data() + offset, out.size());
    return out.size();
  }
  // The block has a hole: what lies behind it is not kept.
  return memory_->read_some(Address(index * kBlockBytes + offset), out);
}

std::size_t CachedMemory::read_some(Address address, std::span<std::byte> out) const {
  if (out.size() >= kLargeRead) return memory_->read_some(address, out);
  std::size_t done = 0;
  while (done < out.size()) {
    std::uint64_t at = address.value() + done;
    std::size_t offset = static_cast<std::size_t>(at % kBlockBytes);
    std::size_t want = std::min(out.size() - done, kBlockBytes - offset);
    std::size_t got = read_block(at / kBlockBytes, offset, out.subspan(done, want));
    done += got;
    if (got < want) break;
  }
  return done;
}

}  // namespace seep::target
