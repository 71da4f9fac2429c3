// Which pointer words a type has, in the form that a pass over every reference of a heap needs: one
// table look-up from an offset to the innermost type that the word belongs to.
#pragma once

#include <cstdint>
#include <vector>

#include "snapshot/go_type.h"

namespace seep::graph {

/// Tables are made when a type is first asked for. Not safe for use by several threads.
class PointerSlots {
 public:
  /// `types` outlives this and does not change.
  explicit PointerSlots(const snapshot::TypeTable& types);

  /// The type of the pointer-sized part that `offset` falls on in an object that consists of values
  /// of `type` one after the other: a pointer, slice, string, map, channel, func, interface or
  /// unsafe pointer. None where such an object has no pointer word.
  snapshot::TypeId at(snapshot::TypeId type, std::uint64_t offset) {
    Layout& layout = layouts_[type.value < layouts_.size() ? type.value : 0];
    if (!layout.made) make(type, layout);
    if (layout.words == 0) return at_large(type, offset);
    std::uint64_t word = offset / 8;
    if (word >= layout.words) word %= layout.words;
    return snapshot::TypeId{words_[layout.first + word]};
  }

 private:
  static constexpr std::uint64_t kLargestTable = 16384;  ///< bytes of a type with its own table

  struct Layout {
    bool made = false;
    std::uint32_t words = 0;  ///< 0: too large (or of no size), searched field by field
    std::uint64_t first = 0;
  };

  void make(snapshot::TypeId type, Layout& layout);
  snapshot::TypeId at_large(snapshot::TypeId type, std::uint64_t offset) const;

  const snapshot::TypeTable& types_;
  std::vector<Layout> layouts_;
  std::vector<std::uint32_t> words_;
};

/// The innermost pointer-sized part at an offset of one value of `type`, found field by field.
snapshot::TypeId pointer_slot_in(const snapshot::TypeTable& types, snapshot::TypeId type,
                                 std::uint64_t offset);

}  // namespace seep::graph
