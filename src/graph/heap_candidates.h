// Which types an object can have by its size and the words of it that can hold pointers. Every
// object with pointers was allocated as one of the heap types, or as several in a row.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "graph/pointer_slots.h"
#include "snapshot/slot_shapes.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

/// Candidates are numbers: two for each of Snapshot::heap_types, one value of it and several.
class HeapCandidates {
 public:
  /// All outlive this.
  HeapCandidates(const snapshot::Snapshot& snapshot, PointerSlots& slots);

  std::size_t size() const { return types_.size() * 2; }
  const snapshot::HeapType& operator[](std::uint32_t candidate) const {
    return types_[candidate / 2];
  }
  static bool is_several(std::uint32_t candidate) { return candidate % 2 != 0; }
  /// Code of the program allocates just that.
  bool is_made_by_code(std::uint32_t candidate) const {
    const snapshot::HeapType& type = types_[candidate / 2];
    return type.made_in_rows || (type.made_singly && !is_several(candidate));
  }

  /// Those that fit, ascending.
  std::vector<std::uint32_t> fitting(const snapshot::SlotShape& shape,
                                     const snapshot::ObjectMask& mask) const;
  /// One value of the views of the type or the type itself, ascending; none for types that are not
  /// in the list.
  const std::vector<std::uint32_t>& of_layout(snapshot::TypeId type) const;

 private:
  /// Types of one size and with pointers at the same words.
  struct Layout {
    std::uint64_t words = 0;           ///< of one value
    std::vector<std::uint64_t> bits;   ///< as many as are compared
    std::uint64_t last = 0;            ///< the last word with a pointer
    std::vector<std::uint32_t> types;  ///< of one value, ascending
  };

  /// How many values make such an object; 0: none do.
  static std::uint64_t count_in(const Layout& layout, const snapshot::SlotShape& shape,
                                const snapshot::ObjectMask& mask);

  const std::vector<snapshot::HeapType>& types_;
  std::vector<Layout> layouts_;
  std::map<std::uint32_t, std::vector<std::uint32_t>> by_layout_;
  std::vector<std::uint32_t> none_;
};

}  // namespace seep::graph
