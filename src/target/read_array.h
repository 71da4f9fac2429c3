// Arrays of the target whose length it tells itself: room is made as far as there is something to
// read, however large the number is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/memory_reader.h"

namespace seep::target {

/// `count` values into `out`, which is empty after an error.
template <typename T>
Result<void> read_array(const MemoryReader& memory, Address address, std::uint64_t count,
                        std::vector<T>& out) {
  static_assert(std::is_trivially_copyable_v<T>);
  constexpr std::uint64_t kFirstPiece = (std::uint64_t{1} << 20) / sizeof(T);
  out.clear();
  for (std::uint64_t done = 0; done < count;) {
    std::uint64_t piece = std::min(std::max(kFirstPiece, done), count - done);
    out.resize(static_cast<std::size_t>(done + piece));
    std::span<T> fresh = std::span(out).subspan(static_cast<std::size_t>(done));
    Result<void> read = memory.read(address + done * sizeof(T), std::as_writable_bytes(fresh));
    if (!read) {
      out = std::vector<T>();
      return read;
    }
    done += piece;
  }
  return {};
}

}  // namespace seep::target
