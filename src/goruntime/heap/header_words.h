// What the words behind a pointer say of the object that it leads to: a slice or a string is kept
// by its header, and the numbers in that must suit the object. For pointers of which nothing else
// is known.
#pragma once

#include <cstdint>

#include "snapshot/heap.h"
#include "snapshot/object_index.h"
#include "snapshot/slot_shapes.h"

namespace seep::goruntime {

/// A pointer word and the two behind it; words that can be pointers themselves are no lengths.
struct PointerAndLengths {
  std::uint64_t pointer = 0;
  std::uint64_t lengths[2] = {};
  int plain = 0;  ///< how many of `lengths` are there
};

class HeaderWords {
 public:
  enum class Told : std::uint8_t {
    kNothing,
    kByteSlice,
    kString,
    kSlice,  ///< of elements with pointers, as many as the second length says
  };

  /// The heap outlives this.
  explicit HeaderWords(const snapshot::Heap& heap) : heap_(heap), shapes_(heap) {}

  /// The capacity of a slice of bytes, or the length of a string, is what the allocator has rounded
  /// up to the object's size: no slice of larger elements can have so many.
  Told told_by(const PointerAndLengths& words, snapshot::ObjectIndex::Hit hit) const;

 private:
  const snapshot::Heap& heap_;
  snapshot::SlotShapes shapes_;
};

}  // namespace seep::goruntime
