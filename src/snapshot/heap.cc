#include "snapshot/heap.h"

#include <algorithm>

namespace seep::snapshot {

const Span& Heap::span_of(ObjectId id) const {
  auto after =
      std::upper_bound(spans.begin(), spans.end(), id,
                       [](ObjectId wanted, const Span& span) { return wanted < span.first; });
  return *std::prev(after);
}

Address Heap::address_of(ObjectId id) const {
  const Span& span = span_of(id);
  return span.start + (id.value - span.first.value) * span.slot_bytes + span.data_offset;
}

ObjectId Heap::find(Address address) const {
  auto after =
      std::upper_bound(spans.begin(), spans.end(), address,
                       [](Address wanted, const Span& span) { return wanted < span.start; });
  if (after == spans.begin()) return {};
  const Span& span = *std::prev(after);
  std::uint64_t slot = (address - span.start) / span.slot_bytes;
  if (slot >= span.slot_count) return {};
  return ObjectId{span.first.value + static_cast<std::uint32_t>(slot)};
}

}  // namespace seep::snapshot
