#include "snapshot/slot_shapes.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "snapshot/object_index.h"

namespace seep::snapshot {

namespace {

constexpr std::size_t kMostShapes = std::numeric_limits<std::uint16_t>::max();

SlotShape shape_of(const Span& span, std::uint64_t smaller_slot) {
  std::uint64_t header = span.data_offset;
  return {.usable = span.slot_bytes - std::min(span.slot_bytes, header),
          .exact_min = smaller_slot - std::min(smaller_slot, header),
          .pointer_free = span.pointer_free};
}

}  // namespace

SlotShapes::SlotShapes(const Heap& heap) : shapes_(1), by_span_(heap.spans.size()) {
  std::vector<std::uint64_t> slot_sizes;
  for (const Span& span : heap.spans) {
    if (span.slot_count > 1) slot_sizes.push_back(span.slot_bytes);
  }
  std::ranges::sort(slot_sizes);
  std::map<std::tuple<std::uint64_t, std::uint8_t, bool>, std::uint16_t> known;
  for (std::size_t i = 0; i < heap.spans.size(); ++i) {
    const Span& span = heap.spans[i];
    std::uint16_t& shape = known[{span.slot_bytes, span.data_offset, span.pointer_free}];
    if (shape == kNone && shapes_.size() <= kMostShapes) {
      auto next = std::ranges::lower_bound(slot_sizes, span.slot_bytes);
      std::uint64_t smaller = next == slot_sizes.begin() ? 0 : *std::prev(next);
      std::uint64_t page = ObjectIndex::kPageBytes;
      if (span.slot_count == 1 && span.slot_bytes > page) {
        smaller = std::max(smaller, span.slot_bytes - page);
      }
      shape = static_cast<std::uint16_t>(shapes_.size());
      shapes_.push_back(shape_of(span, smaller));
    }
    by_span_[i] = shape;
  }
}

}  // namespace seep::snapshot
