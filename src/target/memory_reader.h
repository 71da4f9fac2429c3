// The one way to foreign memory: a live process, a frozen copy, a core file and a test's bytes are
// the same thing to everyone above.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/byte_reader.h"
#include "base/result.h"

namespace seep::target {

/// A range that is wanted, and whether all of it was there.
struct MemoryPiece {
  Address address;
  std::span<std::byte> out;  ///< unspecified unless `readable`
  bool readable = false;
};

/// May be called from several threads at once.
class MemoryReader {
 public:
  virtual ~MemoryReader() = default;

  /// Copies [address, address + out.size()) and returns how many bytes from the start were there:
  /// out.size() when all is readable, less when the range runs into a hole. What lies past that
  /// count in `out` is unspecified. Never throws; a target that has ended reads as 0 bytes.
  virtual std::size_t read_some(Address address, std::span<std::byte> out) const = 0;

  /// Each piece for itself. A live process is asked for many with one system call, which is what a
  /// reader of small things in many places pays for.
  virtual void read_pieces(std::span<MemoryPiece> pieces) const {
    for (MemoryPiece& piece : pieces) {
      piece.readable = read_some(piece.address, piece.out) == piece.out.size();
    }
  }

  /// All of the range, or an error (kUnreadable with the first missing address).
  Result<void> read(Address address, std::span<std::byte> out) const {
    std::size_t count = read_some(address, out);
    if (count == out.size()) return {};
    return fail(ErrorKind::kUnreadable, "memory is not readable", address + count);
  }

  /// A plain value.
  template <typename T>
  Result<T> read_value(Address address) const {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::span<std::byte> out(reinterpret_cast<std::byte*>(&value), sizeof value);
    if (Result<void> done = read(address, out); !done) return std::unexpected(done.error());
    return value;
  }

  Result<Address> read_address(Address address) const {
    Result<std::uint64_t> value = read_value<std::uint64_t>(address);
    if (!value) return std::unexpected(value.error());
    return Address(*value);
  }
};

}  // namespace seep::target
