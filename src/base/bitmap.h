// A plain bit per index.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace seep {

class Bitmap {
 public:
  Bitmap() = default;
  explicit Bitmap(std::size_t bits) : bits_(bits), words_((bits + 63) / 64) {}

  std::size_t size() const { return bits_; }
  bool test(std::size_t index) const { return (words_[index / 64] >> (index % 64)) & 1; }
  void set(std::size_t index) { words_[index / 64] |= std::uint64_t{1} << (index % 64); }
  void clear(std::size_t index) { words_[index / 64] &= ~(std::uint64_t{1} << (index % 64)); }

  /// Sets the bit and tells whether it was clear before.
  bool set_if_clear(std::size_t index) {
    std::uint64_t& word = words_[index / 64];
    std::uint64_t mask = std::uint64_t{1} << (index % 64);
    bool was_clear = (word & mask) == 0;
    word |= mask;
    return was_clear;
  }

  std::size_t count() const {
    std::size_t total = 0;
    for (std::uint64_t word : words_) total += static_cast<std::size_t>(std::popcount(word));
    return total;
  }

  /// Bits of index 64 * i and following; bits past size() are zero.
  const std::vector<std::uint64_t>& words() const { return words_; }
  std::vector<std::uint64_t>& words() { return words_; }

  bool operator==(const Bitmap&) const = default;

 private:
  std::size_t bits_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace seep
