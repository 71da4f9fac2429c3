// Which type an object has, told by its shape. Used where no debug information says what package
// variables and the variables of functions are.
//
// Each object with pointers begins with all types whose size and pointer words fit its slot
// (heap_candidates.h). What its pointers lead to, and what points to it, excludes some of them: a
// pointer of type *T leads to an object that is a T, or begins with one, or, if it leads into the
// object, has one inside. The objects that are left fewer possibilities exclude some of their
// neighbours', until nothing changes any more. So does a word behind a pointer that no slice can
// have (slice_limits.h). No type of the program is left out of the list, so what remains alone is
// right.
//
// Where several remain, those that the program's code allocates go before those that only package
// reflect can make. Types that lay out every pointer of the object the same way count as one, the
// innermost: an object that may be a T or a struct of nothing but a T is a T. If there are still
// several, the object has no type: seep does not guess.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "graph/pointer_slots.h"
#include "snapshot/slot_shapes.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

struct ShapeTypes {
  std::vector<snapshot::TypeId> by_object;  ///< by object id; none: not decided
  std::uint64_t contradictions = 0;  ///< references that fit none of the types that were possible
};

/// `known` is what is known of objects without that, by object id; `slots` is of the snapshot's
/// types. Nothing is decided where the snapshot has no masks.
ShapeTypes infer_by_shape(const snapshot::Snapshot& snapshot, const snapshot::SlotShapes& shapes,
                          std::span<const snapshot::TypeId> known, PointerSlots& slots);

}  // namespace seep::graph
