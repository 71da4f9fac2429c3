// A slot that the allocator has handed out but whose words it has not set yet (since Go 1.18.9;
// malloc.go, freeIndexForScan). A stop meets that once in millions, so memory says it here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "goruntime/member_value.h"
#include "support/patched_memory.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

using snapshot::ObjectId;

struct LastSlot {
  std::uint32_t span = 0;
  std::uint32_t slot = 0;  ///< within the span
  ObjectId object;
};

class UnpublishedSlotTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    Result<test::ReadHeap> heap = test::ReadHeap::start("pointer_words", GetParam());
    ASSERT_TRUE(heap) << heap.error().message;
    heap_ = std::move(*heap);
    if (!heap_.runtime.layout.mspan.freeIndexForScan.exists()) {
      GTEST_SKIP() << "before Go 1.18.9 the runtime does not tell such slots";
    }
    ASSERT_TRUE(heap_.read());
  }

  std::uint64_t count_references(const snapshot::Heap& heap, ObjectId object) const {
    std::uint64_t count = 0;
    heap.for_each_reference(object, [&](const snapshot::Reference&) { ++count; });
    return count;
  }

  /// Makes the last slot that was handed out of each span one that the allocator has yet to set.
  std::vector<LastSlot> unpublish_last_slots(test::PatchedMemory& patched) {
    const RuntimeLayout& layout = heap_.runtime.layout;
    std::vector<LastSlot> last_slots;
    for (std::uint32_t i = 0; i < heap_.heap().spans.size(); ++i) {
      Address mspan = heap_.spans.details[i].mspan;
      std::uint16_t free_index =
          patched.read_value<std::uint16_t>(mspan + layout.mspan.freeindex.offset).value_or(0);
      if (free_index == 0) continue;
      ObjectId last{heap_.heap().spans[i].first.value + free_index - 1};
      if (count_references(heap_.heap(), last) == 0) continue;
      last_slots.push_back({i, free_index - 1u, last});
      patched.patch(mspan + layout.mspan.freeIndexForScan.offset, free_index - 1u,
                    layout.mspan.freeIndexForScan.size);
    }
    return last_slots;
  }

  Result<HeapSpans> read_again(const target::MemoryReader& memory) {
    Diagnostics diagnostics;
    HeapSpans spans =
        TRY(read_spans(memory, heap_.runtime.layout, heap_.runtime.variables, diagnostics));
    auto none = [](Address) { return snapshot::TypeId{}; };
    ClaimResolvers resolvers{none, none, none};
    snapshot::TypeTable types;
    TRY(scan_references({memory,
                         heap_.index,
                         heap_.runtime.modules,
                         heap_.runtime.variables.itab_table,
                         {},
                         resolvers,
                         types,
                         2},
                        spans, diagnostics));
    return spans;
  }

  test::ReadHeap heap_;
};
INSTANTIATE_TEST_SUITE_P(Go, UnpublishedSlotTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

TEST_P(UnpublishedSlotTest, words_that_are_not_set_yet_are_no_references) {
  test::PatchedMemory patched(*heap_.runtime.memory);
  std::vector<LastSlot> last_slots = unpublish_last_slots(patched);
  Result<HeapSpans> spans = read_again(patched);
  ASSERT_TRUE(spans) << spans.error().message;
  std::size_t unpublished = 0;
  for (const LastSlot& slot : last_slots) {
    EXPECT_TRUE(spans->heap.is_object(slot.object));
    // What had survived a collection before is published, whatever the index says.
    bool is_unpublished = spans->details[slot.span].unpublished_slot != SpanDetail::kNoSlot;
    unpublished += is_unpublished ? 1 : 0;
    std::uint64_t before = count_references(heap_.heap(), slot.object);
    EXPECT_EQ(count_references(spans->heap, slot.object), is_unpublished ? 0 : before);
  }
  EXPECT_GT(unpublished, 0u);
}

// Between the end of marking and the sweeping of its span.
TEST_P(UnpublishedSlotTest, what_was_allocated_while_the_collector_marked_is_published) {
  test::PatchedMemory patched(*heap_.runtime.memory);
  std::vector<LastSlot> last_slots = unpublish_last_slots(patched);
  ASSERT_FALSE(last_slots.empty());
  for (const LastSlot& slot : last_slots) {
    Address mspan = heap_.spans.details[slot.span].mspan;
    Result<Address> marks =
        patched.read_address(mspan + heap_.runtime.layout.mspan.gcmarkBits.offset);
    ASSERT_TRUE(marks);
    patched.patch(*marks + slot.slot / 8, std::uint64_t{1} << (slot.slot % 8), 1);
  }
  Result<HeapSpans> spans = read_again(patched);
  ASSERT_TRUE(spans) << spans.error().message;
  for (const LastSlot& slot : last_slots) {
    EXPECT_EQ(spans->details[slot.span].unpublished_slot, SpanDetail::kNoSlot);
    EXPECT_EQ(count_references(spans->heap, slot.object),
              count_references(heap_.heap(), slot.object));
  }
}

}  // namespace
}  // namespace seep::goruntime
