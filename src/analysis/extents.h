// Through which parts of each object the program can still look at it.
//
// A string's header shows its bytes, a slice's what its capacity reaches; a pointer, and whatever
// is not known better, shows the whole object. What matters is the objects that are seen in part
// only: those of which every reference comes with a window (snapshot::Window) and the type of its
// word says what the window is. Words of objects without a type are believed where they can only be
// a string, and such a view is not sure.
//
//   text := read(32 KiB)     a block of 32 KiB, seen by nobody else
//   name := text[:16]        its only view: bytes 0 to 16
//
// Objects and references that nothing reaches show nothing. One pass over the references, then one
// over the windows.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/dominator_tree.h"
#include "graph/object_graph.h"
#include "graph/pointer_slots.h"
#include "graph/type_inference.h"

namespace seep::analysis {

/// What one string or slice shows of an object, in bytes from the first data byte of it. What ends
/// beyond 4 GiB counts as showing all.
struct PartView {
  snapshot::ObjectId target;
  graph::NodeId source;     ///< an object or a root
  std::uint32_t place = 0;  ///< of the pointer: which word of the object; of a root, its index in
                            ///< Roots::references
  std::uint32_t begin = 0;
  std::uint32_t length_end = 0;    ///< what the header says it uses ends there
  std::uint32_t capacity_end = 0;  ///< what can be reached by reslicing ends there
  std::uint32_t element = 0;       ///< bytes of an element; 1 of a string
  snapshot::TypeId type;           ///< of the word: a string or a slice; none if not known
  bool string = false;
  bool sure = true;  ///< what the words are is known, not only likely
};

struct Extents {
  bool known = false;           ///< false: the snapshot has no windows
  std::vector<PartView> views;  ///< of objects that nothing shows as a whole: by target, then begin

  /// Calls visit(first, last) with the views of each object.
  template <typename Visit>
  void for_each_object(Visit&& visit) const {
    for (std::size_t begin = 0, end; begin < views.size(); begin = end) {
      end = begin + 1;
      while (end < views.size() && views[end].target == views[begin].target) ++end;
      visit(views.data() + begin, views.data() + end);
    }
  }
};

Extents measure_extents(const graph::DominatorTree& dominators, const graph::TypeAssignment& types);

}  // namespace seep::analysis
