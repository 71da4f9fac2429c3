#include "snapshot/span_finder.h"

#include <gtest/gtest.h>

#include <random>

namespace seep::snapshot {
namespace {

TEST(SpanFinder, finds_what_the_heap_finds) {
  std::mt19937_64 random(3);
  Heap heap;
  std::uint32_t next = 1;
  for (int i = 0; i < 500; ++i) {
    Span span;
    span.slot_count = static_cast<std::uint32_t>(i % 3 == 0 ? 1 : 1 + random() % 300);
    span.first = ObjectId{next};
    span.slot_bytes = static_cast<std::uint64_t>(i);
    next += span.slot_count;
    heap.spans.push_back(span);
  }
  heap.slot_count = next - 1;
  SpanFinder finder(heap);
  for (std::uint32_t id = 1; id <= heap.slot_count; ++id)
    ASSERT_EQ(&finder.of(ObjectId{id}), &heap.span_of(ObjectId{id})) << id;
}

}  // namespace
}  // namespace seep::snapshot
