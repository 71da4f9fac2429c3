// Numbers as bytes with a checksum at their end, for what the store keeps in one piece: SQLite has
// none, and a figure that a bad disk has changed would be a peak that never was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/byte_reader.h"
#include "base/result.h"

namespace seep::monitor {

class SealedBytesBuilder {
 public:
  /// Unsigned LEB128.
  void number(std::uint64_t value) {
    while (value >= 0x80) {
      bytes_.push_back(static_cast<std::byte>(value | 0x80));
      value >>= 7;
    }
    bytes_.push_back(static_cast<std::byte>(value));
  }
  /// Zigzag: small for values around zero.
  void signed_number(std::int64_t value) {
    number((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }

  std::span<const std::byte> bytes() const { return bytes_; }
  void clear() { bytes_.clear(); }

  /// With the lower 32 bits of their XXH3 at the end.
  std::vector<std::byte> seal() &&;

 private:
  std::vector<std::byte> bytes_;
};

inline std::int64_t from_zigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

/// The bytes without their checksum. kCorrupt, kTruncated.
Result<std::span<const std::byte>> unsealed(std::span<const std::byte> bytes, const char* what);

}  // namespace seep::monitor
