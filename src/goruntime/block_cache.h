// Small records out of the target without a system call each.
//
// The runtime's own structs (mspans, specials, profile buckets, mark bits) are carved from blocks
// of 16 KiB to 256 KiB, so neighbours in a list are mostly neighbours in memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// For one thread, and for memory that does not change meanwhile.
class BlockCache {
 public:
  static constexpr std::uint64_t kBlockBytes = std::uint64_t{64} << 10;

  /// `memory` outlives the cache.
  explicit BlockCache(const target::MemoryReader& memory) : memory_(memory) {}

  Result<void> read(Address address, std::span<std::byte> out);

  template <typename T>
  Result<T> read_value(Address address) {
    T value;
    Result<void> done = read(address, {reinterpret_cast<std::byte*>(&value), sizeof value});
    if (!done) return std::unexpected(done.error());
    return value;
  }

 private:
  static constexpr std::size_t kBlocks = 32;

  struct Block {
    Address start;
    std::size_t valid = 0;  ///< bytes from its start that are there
    std::vector<std::byte> bytes;
  };

  const target::MemoryReader& memory_;
  std::array<Block, kBlocks> blocks_;
};

}  // namespace seep::goruntime
