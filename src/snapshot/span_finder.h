// The spans of objects, for passes over millions of them: Heap::span_of searches all spans each
// time, this only the few around an id. A view of the heap with 4 bytes for every 64 slots.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "snapshot/heap.h"

namespace seep::snapshot {

class SpanFinder {
 public:
  /// The heap outlives this and does not change.
  explicit SpanFinder(const Heap& heap) : spans_(&heap.spans) {
    before_.reserve(heap.slot_count / kBlock + 1);
    std::uint32_t span = 0;
    for (std::uint64_t id = 0; id <= heap.slot_count; id += kBlock) {
      while (span + 1 < spans_->size() && (*spans_)[span + 1].first.value <= id) ++span;
      before_.push_back(span);
    }
  }

  /// The span of an id from 1 to slot_count.
  const Span& of(ObjectId id) const {
    std::uint32_t span = before_[id.value / kBlock];
    while (span + 1 < spans_->size() && (*spans_)[span + 1].first <= id) ++span;
    return (*spans_)[span];
  }

 private:
  static constexpr std::uint32_t kBlock = 64;

  const std::vector<Span>* spans_;
  std::vector<std::uint32_t> before_;  ///< by id / kBlock: the span of the block's first id
};

}  // namespace seep::snapshot
