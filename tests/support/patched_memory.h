// Memory of a program with some words replaced: an instant that stops meet too rarely for a test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "base/address.h"
#include "target/memory_reader.h"

namespace seep::test {

class PatchedMemory final : public target::MemoryReader {
 public:
  /// `memory` outlives this.
  explicit PatchedMemory(const target::MemoryReader& memory) : memory_(memory) {}

  void patch(Address at, std::uint64_t value, std::uint32_t bytes) {
    for (std::uint32_t i = 0; i < bytes; ++i) {
      patches_[at + i] = static_cast<std::byte>(value >> (8 * i));
    }
  }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = memory_.read_some(address, out);
    for (auto at = patches_.lower_bound(address);
         at != patches_.end() && at->first < address + count; ++at) {
      out[at->first - address] = at->second;
    }
    return count;
  }

 private:
  const target::MemoryReader& memory_;
  std::map<Address, std::byte> patches_;
};

}  // namespace seep::test
