// Which type each object of a heap has.
//
// Go's heap does not say. Type flows instead from where it is known (variables, frames, objects
// whose type the runtime wrote down, closures, interface values) along typed references to what
// they point to, breadth-first. Several types may be claimed for one object: the one with the
// larger evidence stays. Evidence, from the best:
//
//   header    the runtime wrote the type into the slot or span
//   exact     a value of the type fills the slot as the allocator would have rounded it up
//   repeated  a slice or a string: elements of the type, as many as there are
//   smaller   a pointer to a smaller type whose pointer words, repeated, agree with the object's:
//             the first element of an array, or a first field
//   guess     a slice or pointer into the middle of the object, its pointer words agree
//
// An object whose references contradict its type loses it and passes nothing on.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bitmap.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

struct TypeAssignment {
  std::vector<snapshot::TypeId> by_object;  ///< by object id; none: not known
  Bitmap arrays;    ///< by object id: consists of any number of values of its type
  Bitmap inferred;  ///< by object id: the type rests on what was inferred by shape

  std::uint64_t objects = 0, typed_objects = 0;  ///< allocated slots
  std::uint64_t bytes = 0, typed_bytes = 0;      ///< of allocated slots
  std::uint64_t inferred_bytes = 0;              ///< of the typed ones
  std::uint64_t conflicts = 0;                   ///< claims that were decided against, by evidence
  std::uint64_t misfits = 0;  ///< objects that lost their type: references contradict it

  snapshot::TypeId of(snapshot::ObjectId id) const {
    return id.value < by_object.size() ? by_object[id.value] : snapshot::TypeId{};
  }
};

TypeAssignment infer_types(const snapshot::Snapshot& snapshot);

}  // namespace seep::graph
