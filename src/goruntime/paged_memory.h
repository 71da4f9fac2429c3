// Target memory in blocks that are all kept: for tables and small structs that are looked at in no
// order and often again (pclntab, g and sudog structs), so that one system call serves hundreds of
// them. Bulk memory (stacks, spans) is read past it.
//
// Unlike BlockCache it holds every block it met, knows holes by the page, and lets bytes be looked
// at in place, as the byte-coded tables of pclntab want.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/address.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// One thread at a time. Forgets everything when `max_blocks` are held, so spans it returned are
/// only good until the next call.
class PagedMemory {
 public:
  static constexpr std::size_t kBlockBytes = 16384;

  /// `memory` outlives this.
  explicit PagedMemory(const target::MemoryReader& memory, std::size_t max_blocks = 4096)
      : memory_(&memory), max_blocks_(max_blocks) {}

  /// False (and `out` unspecified) if a byte of the range is not readable.
  bool read(Address address, std::span<std::byte> out);

  template <typename T>
  std::optional<T> value(Address address) {
    T value;
    if (!read(address, std::span(reinterpret_cast<std::byte*>(&value), sizeof value))) {
      return std::nullopt;
    }
    return value;
  }

  /// The bytes up to a zero byte; nothing if there is none within `limit` bytes.
  std::optional<std::string> c_string(Address address, std::size_t limit);

  /// What is readable from `address` to the end of its block; empty if the byte is not readable.
  std::span<const std::byte> rest_of_block(Address address);

 private:
  static constexpr std::size_t kPageBytes = 4096;  ///< of the machine: holes are whole pages

  struct Block {
    bool page_readable[kBlockBytes / kPageBytes] = {};
    std::byte bytes[kBlockBytes];
  };

  void fill(Block& block, Address start) const;

  const target::MemoryReader* memory_;
  std::size_t max_blocks_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Block>> blocks_;
  std::uint64_t last_index_ = ~std::uint64_t{0};
  const Block* last_ = nullptr;
};

/// Reads forward byte by byte, as the pc-value tables and their like are read.
class ByteCursor {
 public:
  ByteCursor(PagedMemory& memory, Address address) : memory_(&memory), address_(address) {}

  /// The next byte; nothing at a hole.
  std::optional<std::uint8_t> next() {
    if (position_ == block_.size()) {
      address_ = address_ + position_;
      block_ = memory_->rest_of_block(address_);
      position_ = 0;
      if (block_.empty()) return std::nullopt;
    }
    return static_cast<std::uint8_t>(block_[position_++]);
  }

  /// Unsigned LEB128 of at most 32 bits, as the runtime's readvarint.
  std::optional<std::uint32_t> next_varint() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
      std::optional<std::uint8_t> byte = next();
      if (!byte) return std::nullopt;
      value |= static_cast<std::uint32_t>(*byte & 0x7f) << (shift & 31);
      if ((*byte & 0x80) == 0) return value;
    }
    return std::nullopt;
  }

 private:
  PagedMemory* memory_;
  Address address_;
  std::span<const std::byte> block_;
  std::size_t position_ = 0;
};

}  // namespace seep::goruntime
