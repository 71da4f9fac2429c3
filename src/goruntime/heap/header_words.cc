#include "goruntime/heap/header_words.h"

#include <algorithm>

namespace seep::goruntime {

using snapshot::SlotShape;
using snapshot::Span;

HeaderWords::Told HeaderWords::told_by(const PointerAndLengths& words,
                                       snapshot::ObjectIndex::Hit hit) const {
  if (hit.object.is_none() || hit.interior || words.plain == 0) return Told::kNothing;
  auto after = std::ranges::upper_bound(heap_.spans, hit.object, {}, &Span::first);
  if (after == heap_.spans.begin()) return Told::kNothing;
  std::size_t span = static_cast<std::size_t>(after - heap_.spans.begin()) - 1;
  const SlotShape& shape = shapes_[shapes_.of_span(span)];
  // Shared slots hold values of several owners (mallocgcTiny, malloc.go).
  constexpr std::uint64_t kTinyBytes = 16;
  bool slice = words.plain == 2 && words.lengths[0] <= words.lengths[1];
  if (!shape.pointer_free) {
    bool has_room = slice && words.lengths[1] != 0 && words.lengths[1] <= shape.usable / 8;
    return has_room ? Told::kSlice : Told::kNothing;
  }
  if (shape.usable <= kTinyBytes) return Told::kNothing;
  auto fills = [&shape](std::uint64_t bytes) {
    return bytes > shape.exact_min && bytes <= shape.usable;
  };
  if (slice && fills(words.lengths[1])) return Told::kByteSlice;
  return fills(words.lengths[0]) ? Told::kString : Told::kNothing;
}

}  // namespace seep::goruntime
