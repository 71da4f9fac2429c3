#include "goruntime/block_cache.h"

#include <cstring>

namespace seep::goruntime {

Result<void> BlockCache::read(Address address, std::span<std::byte> out) {
  Address start = address.aligned_down(kBlockBytes);
  std::uint64_t offset = address - start;
  if (out.size() > kBlockBytes - offset) return memory_.read(address, out);

  Block& block = blocks_[start.value() / kBlockBytes % kBlocks];
  if (block.bytes.empty() || block.start != start) {
    block.bytes.resize(kBlockBytes);
    block.start = start;
    block.valid = memory_.read_some(start, block.bytes);
  }
  // A block that begins in a hole may still hold the wanted bytes further on.
  if (offset + out.size() > block.valid) return memory_.read(address, out);
  std::memcpy(out.data(), block.bytes.data() + offset, out.size());
  return {};
}

}  // namespace seep::goruntime
