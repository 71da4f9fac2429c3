// How large an object of a slot can have been, as the allocator rounds it up.
#pragma once

#include <cstdint>
#include <vector>

#include "snapshot/heap.h"

namespace seep::snapshot {

/// What objects of the same kind of span have in common.
struct SlotShape {
  std::uint64_t usable = 0;     ///< bytes that the program can use
  std::uint64_t exact_min = 0;  ///< a type of more bytes would not fit the next smaller slot
  bool pointer_free = false;
};

/// The shapes of a heap, numbered.
class SlotShapes {
 public:
  static constexpr std::uint16_t kNone = 0;

  explicit SlotShapes(const Heap& heap);

  /// kNone for spans beyond as many different shapes as there are numbers.
  std::uint16_t of_span(std::size_t span) const { return by_span_[span]; }
  const SlotShape& operator[](std::uint16_t shape) const { return shapes_[shape]; }
  std::size_t size() const { return shapes_.size(); }

 private:
  std::vector<SlotShape> shapes_;
  std::vector<std::uint16_t> by_span_;
};

}  // namespace seep::snapshot
