// Which words of a type are pointers, for objects that the runtime knows by their type: slots above
// 512 bytes and large objects (mbitmap.go typePointersOfUnchecked, type.go getGCMask).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// A pattern that repeats over an object, a bit per word. Small types are repeated within it, so
/// that a tile is worth the work of starting on it.
struct TypeMask {
  std::uint64_t tile_words = 0;      ///< after so many words the pattern starts again; never 0
  std::vector<std::uint64_t> words;  ///< may end before the tile does: no pointers there
};

/// Masks by address of the type descriptor, each read once. Safe to use from several threads.
class TypeMaskCache {
 public:
  /// `memory` outlives the cache. `masks_on_demand` is RuntimeLayout's.
  explicit TypeMaskCache(const target::MemoryReader& memory, bool masks_on_demand = true)
      : memory_(memory), masks_on_demand_(masks_on_demand) {}

  /// The mask for an object of `object_bytes` bytes; null where the address does not hold a type
  /// with pointers that fits into it. The mask lives as long as the cache.
  const TypeMask* find(Address type, std::uint64_t object_bytes);

 private:
  struct Entry {
    std::unique_ptr<TypeMask> mask;
    std::uint64_t type_bytes = 0;
    std::uint64_t tried_bytes = 0;  ///< the largest object that the type was wanted for
  };

  const target::MemoryReader& memory_;
  bool masks_on_demand_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, Entry> entries_;
};

/// The pointer bits of a type of at most `object_bytes` bytes, computed from the descriptors of its
/// parts where the runtime has not made the mask yet. A bit per word, as many as reach to the
/// type's last pointer.
Result<std::vector<std::uint64_t>> read_pointer_bits(const target::MemoryReader& memory,
                                                     Address type, std::uint64_t object_bytes,
                                                     bool masks_on_demand = true);

}  // namespace seep::goruntime
