// Sizes in bytes as a type, and how people read them.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace seep {

class ByteSize {
 public:
  constexpr ByteSize() = default;
  constexpr explicit ByteSize(std::uint64_t bytes) : bytes_(bytes) {}

  constexpr std::uint64_t bytes() const { return bytes_; }

  constexpr ByteSize operator+(ByteSize other) const { return ByteSize(bytes_ + other.bytes_); }
  constexpr ByteSize& operator+=(ByteSize other) {
    bytes_ += other.bytes_;
    return *this;
  }
  /// The difference, or zero where `other` is larger.
  constexpr ByteSize operator-(ByteSize other) const {
    return ByteSize(bytes_ > other.bytes_ ? bytes_ - other.bytes_ : 0);
  }

  constexpr auto operator<=>(const ByteSize&) const = default;

 private:
  std::uint64_t bytes_ = 0;
};

/// "0 B", "812 B", "24.4 KiB", "171 MiB", "1.12 GiB": three digits that matter, binary units.
std::string to_text(ByteSize size);

}  // namespace seep
