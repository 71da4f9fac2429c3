// The one cursor over foreign bytes: files, notes, tables, blocks of target memory.
//
// Every step is checked against the end, so that no offset or length found in the data is trusted.
// Little-endian only: all targets are (an architecture that is not adds its reader here).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "base/result.h"

namespace seep {

static_assert(std::endian::native == std::endian::little, "seep runs on little-endian machines");

/// Reads a plain value at `offset`, which the caller has checked.
template <typename T>
T load_unchecked(const std::byte* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// Does not own the bytes. A failed step leaves the position unchanged.
class ByteReader {
 public:
  /// `what` names the bytes in error messages ("build info", "pclntab") and outlives the reader.
  ByteReader(std::span<const std::byte> bytes, const char* what) : bytes_(bytes), what_(what) {}

  std::size_t position() const { return position_; }
  std::size_t remaining() const { return bytes_.size() - position_; }
  bool at_end() const { return remaining() == 0; }

  Result<void> seek(std::uint64_t position) {
    if (position > bytes_.size()) return truncated(position);
    position_ = static_cast<std::size_t>(position);
    return {};
  }

  Result<void> skip(std::uint64_t count) {
    if (count > remaining()) return truncated(position_ + count);
    position_ += static_cast<std::size_t>(count);
    return {};
  }

  template <typename T>
  Result<T> read() {
    if (sizeof(T) > remaining()) return truncated(position_ + sizeof(T));
    T value = load_unchecked<T>(bytes_.data() + position_);
    position_ += sizeof(T);
    return value;
  }

  Result<std::span<const std::byte>> read_bytes(std::uint64_t count) {
    if (count > remaining()) return truncated(position_ + count);
    std::span<const std::byte> piece = bytes_.subspan(position_, static_cast<std::size_t>(count));
    position_ += static_cast<std::size_t>(count);
    return piece;
  }

  /// Unsigned LEB128 of at most 64 bits.
  Result<std::uint64_t> read_uvarint() {
    std::uint64_t value = 0;
    std::size_t at = position_;
    for (unsigned shift = 0; shift < 64; shift += 7, ++at) {
      if (at >= bytes_.size()) return truncated(at + 1);
      std::uint8_t byte = static_cast<std::uint8_t>(bytes_[at]);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        position_ = at + 1;
        return value;
      }
    }
    return fail(ErrorKind::kCorrupt, std::string(what_) + ": a number is longer than 64 bits");
  }

  /// The bytes up to a zero byte, which is consumed.
  Result<std::string_view> read_c_string() {
    const char* begin = reinterpret_cast<const char*>(bytes_.data()) + position_;
    const void* end = remaining() == 0 ? nullptr : std::memchr(begin, 0, remaining());
    if (end == nullptr) return truncated(bytes_.size() + 1);
    std::size_t length = static_cast<std::size_t>(static_cast<const char*>(end) - begin);
    position_ += length + 1;
    return std::string_view(begin, length);
  }

 private:
  std::unexpected<Error> truncated(std::uint64_t needed) const {
    return fail(ErrorKind::kTruncated, std::string(what_) + " ends at byte " +
                                           std::to_string(bytes_.size()) + ", byte " +
                                           std::to_string(needed) + " is needed");
  }

  std::span<const std::byte> bytes_;
  const char* what_;
  std::size_t position_ = 0;
};

}  // namespace seep
