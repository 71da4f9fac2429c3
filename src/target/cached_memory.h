// Small reads made cheap: target memory in blocks that are kept.
//
// For memory that does not change any more (a frozen copy), and for readers that look at millions
// of small structs: a system call costs as much as thousands of look-ups here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "target/memory_reader.h"

namespace seep::target {

/// May be read from several threads. Holds at most `max_blocks` blocks of 32 KiB; a block is
/// replaced by another that falls into the same place.
class CachedMemory final : public MemoryReader {
 public:
  static constexpr std::size_t kBlockBytes = 32768;

  /// `memory` outlives the cache. `max_blocks` is rounded up to a power of two.
  explicit CachedMemory(const MemoryReader& memory, std::size_t max_blocks = 1024);

  std::size_t read_some(Address address, std::span<std::byte> out) const override;

 private:
  struct Block {
    std::uint64_t index = ~std::uint64_t{0};
    std::size_t readable = 0;  ///< from the start of the block
    std::array<std::byte, kBlockBytes> bytes;
  };
  struct Place {
    std::mutex mutex;
    std::unique_ptr<Block> block;
  };

  std::size_t read_block(std::uint64_t index, std::size_t offset, std::span<std::byte> out) const;

  const MemoryReader* memory_;
  mutable std::vector<Place> places_;
};

}  // namespace seep::target
