// A slot that the allocator has handed out but whose words it has not set yet (since Go 1.18.9;
// malloc.go, freeIndexForScan). A stop meets that once in millions, so memory says it here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "goruntime/member_value.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

using snapshot::ObjectId;

/// Memory with some members replaced.
class PatchedMemory final : public target::MemoryReader {
 public:
  explicit PatchedMemory(const target::MemoryReader& memory) : memory_(memory) {}

  void patch(Address at, std::uint64_t value, std::uint32_t bytes) {
    for (std::uint32_t i = 0; i < bytes; ++i) {
      patches_[at + i] = static_cast<std::byte>(value >> (8 * i));
    }
  }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = memory_.read_some(address, out);
    for (auto at = patches_.lower_bound(address);
         at != patches_.end() && at->first < address + count; ++at) {
      out[at->first - address] = at->second;
    }
    return count;
  }

 private:
  const target::MemoryReader& memory_;
  std::map<Address, std::byte> patches_;
};

struct LastSlot {
  std::uint32_t span = 0;
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

  test::ReadHeap heap_;
};
INSTANTIATE_TEST_SUITE_P(Go, UnpublishedSlotTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

TEST_P(UnpublishedSlotTest, words_that_are_not_set_yet_are_no_references) {
  const RuntimeLayout& layout = heap_.runtime.layout;
  const target::MemoryReader& memory = *heap_.runtime.memory;
  PatchedMemory patched(memory);
  std::vector<LastSlot> last_slots;
  for (std::uint32_t i = 0; i < heap_.heap().spans.size(); ++i) {
    Address mspan = heap_.spans.details[i].mspan;
    Result<std::uint16_t> free_index =
        memory.read_value<std::uint16_t>(mspan + layout.mspan.freeindex.offset);
    ASSERT_TRUE(free_index);
    if (*free_index == 0) continue;
    ObjectId last{heap_.heap().spans[i].first.value + *free_index - 1};
    if (count_references(heap_.heap(), last) == 0) continue;
    last_slots.push_back({i, last});
    patched.patch(mspan + layout.mspan.freeIndexForScan.offset, *free_index - 1u,
                  layout.mspan.freeIndexForScan.size);
  }

  Diagnostics diagnostics;
  Result<HeapSpans> spans = read_spans(patched, layout, heap_.runtime.variables, diagnostics);
  ASSERT_TRUE(spans) << spans.error().message;
  auto none = [](Address) { return snapshot::TypeId{}; };
  ClaimResolvers resolvers{none, none, none};
  snapshot::TypeTable types;
  ASSERT_TRUE(scan_references({patched,
                               heap_.index,
                               heap_.runtime.modules,
                               heap_.runtime.variables.itab_table,
                               {},
                               resolvers,
                               types,
                               2},
                              *spans, diagnostics));
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

}  // namespace
}  // namespace seep::goruntime
