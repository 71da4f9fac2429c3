// Lists that no runtime would make: they lead back into themselves, or lie in one another.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "goruntime/goroutines/timer_reader.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/heap/special_list.h"
#include "goruntime/loop_detector.h"
#include "target/read_array.h"

namespace seep::goruntime {
namespace {

constexpr Address kBase{0x10000};

// Words from kBase on, and nothing else.
class WordArray final : public target::MemoryReader {
 public:
  explicit WordArray(std::size_t words) : words_(words) {}

  void set(Address at, std::uint64_t value) { words_[(at - kBase) / 8] = value; }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    AddressRange range{kBase, kBase + words_.size() * 8};
    if (!range.contains(address)) return 0;
    std::size_t count = std::min<std::size_t>(out.size(), range.end - address);
    std::memcpy(out.data(), reinterpret_cast<const std::byte*>(words_.data()) + (address - kBase),
                count);
    return count;
  }

 private:
  std::vector<std::uint64_t> words_;
};

TEST(LoopDetectorTest, a_list_that_ends_is_no_loop) {
  LoopDetector detector;
  for (std::uint64_t i = 1; i < 10'000; ++i) EXPECT_FALSE(detector.is_loop(Address(i)));
}

TEST(LoopDetectorTest, a_loop_is_noticed_after_three_times_its_elements) {
  for (std::uint64_t before : {0, 1, 7, 100}) {
    for (std::uint64_t loop : {1, 2, 3, 64, 1000}) {
      LoopDetector detector;
      std::uint64_t steps = 0, at = 1;
      while (!detector.is_loop(Address(at))) {
        ASSERT_LE(++steps, 3 * (before + loop)) << before << " " << loop;
        at = at == before + loop ? before + 1 : at + 1;
      }
      EXPECT_GE(steps, loop);
    }
  }
}

TEST(DamagedListsTest, no_room_is_made_on_the_word_of_a_length) {
  WordArray memory(std::size_t{1} << 20);
  std::vector<std::uint64_t> words;
  ASSERT_TRUE(target::read_array(memory, kBase, std::uint64_t{1} << 20, words));
  EXPECT_EQ(words.size(), std::size_t{1} << 20);
  EXPECT_FALSE(target::read_array(memory, kBase, std::uint64_t{1} << 60, words));
  EXPECT_EQ(words.capacity(), 0u);
}

TEST(DamagedListsTest, slots_that_are_no_whole_words_contradict_their_span) {
  constexpr Address kAllspans = kBase + 64, kMspan = kBase + 128;
  RuntimeLayout layout;
  layout.bitmap = BitmapShape::kSpanAndHeaders;
  layout.mheap.allspans = {64, 24};
  layout.mheap.sweepgen = {0, 4};
  layout.mspan.bytes = 48;
  layout.mspan.startAddr = {0, 8};
  layout.mspan.npages = {8, 8};
  layout.mspan.nelems = {16, 8};
  layout.mspan.state = {24, 1};
  layout.mspan.spanclass = {25, 1};
  layout.mspan.elemsize = {32, 8};
  RuntimeVariables variables;
  variables.mheap = kBase;
  for (std::uint64_t slot_bytes : {8, 4, 12, 513, 1024}) {
    WordArray memory(64);
    memory.set(kAllspans, (kBase + 96).value());
    memory.set(kAllspans + 8, 1);
    memory.set(kBase + 96, kMspan.value());
    memory.set(kMspan, 0xc000000000);
    memory.set(kMspan + 8, 1);
    memory.set(kMspan + 16, 8);
    memory.set(kMspan + 24, 0x0201);  // in use, smallest class
    memory.set(kMspan + 32, slot_bytes);
    Diagnostics diagnostics;
    Result<HeapSpans> spans = read_spans(memory, layout, variables, diagnostics);
    ASSERT_TRUE(spans) << spans.error().message;
    bool whole_words = slot_bytes % 8 == 0;
    EXPECT_EQ(spans->heap.spans.size(), whole_words ? 1u : 0u) << slot_bytes;
    EXPECT_EQ(diagnostics.counts().contains("spans that contradict themselves"), !whole_words);
  }
}

TEST(DamagedListsTest, timers_of_processors_that_share_a_list_are_read_once) {
  constexpr std::uint64_t kProcessors = 1000, kTimers = 64;
  constexpr Address kAllp = kBase, kTable = kBase + 64, kProcessor = kTable + 8 * kProcessors,
                    kHeap = kProcessor + 64;
  WordArray memory(4096);
  RuntimeLayout layout;
  layout.timers = TimerShape::kOfProcessor;
  layout.p.timers = {16, 24};
  memory.set(kAllp, kTable.value());
  memory.set(kAllp + 8, kProcessors);
  for (std::uint64_t i = 0; i < kProcessors; ++i) memory.set(kTable + 8 * i, kProcessor.value());
  memory.set(kProcessor + 16, kHeap.value());
  memory.set(kProcessor + 24, kTimers);
  for (std::uint64_t i = 0; i < kTimers; ++i) memory.set(kHeap + 8 * i, 0x500000 + 64 * i);
  RuntimeVariables variables;
  variables.allp = kAllp;
  Diagnostics diagnostics;
  TimerLists lists = read_timer_lists(memory, layout, variables, diagnostics);
  EXPECT_EQ(lists.timers.size(), kTimers);
  EXPECT_EQ(lists.words.size(), 1u);
  EXPECT_EQ(diagnostics.counts().at("lists of timers that lie in one another"), kProcessors - 1);
}

class SpecialListTest : public testing::Test {
 protected:
  SpecialListTest() {
    layout_.special = {.next = {0, 8}, .offset = {8, 2}, .kind = {10, 1}, .bytes = 16};
    span_.slot_bytes = 64;
    span_.slot_count = 100;
  }

  static Address record(std::uint64_t number) { return kBase + number * 64; }
  void link(std::uint64_t from, std::uint64_t to, std::uint64_t slot) {
    memory_.set(record(from), record(to).value());
    memory_.set(record(from) + 8, slot * 64);
  }
  std::vector<std::uint32_t> slots() {
    BlockCache cache(memory_);
    std::vector<std::uint32_t> slots;
    for_each_special(cache, layout_, record(0), span_, diagnostics_,
                     [&](const Special& special) { slots.push_back(special.slot); });
    return slots;
  }

  WordArray memory_{1024};
  RuntimeLayout layout_;
  snapshot::Span span_;
  Diagnostics diagnostics_;
};

TEST_F(SpecialListTest, a_loop_ends) {
  link(0, 1, 5);
  link(1, 2, 6);
  link(2, 2, 6);
  EXPECT_LE(slots().size(), 9u);
  EXPECT_EQ(
      diagnostics_.counts().at("lists of finalizers and samples that are not readable to the end"),
      1u);
}

TEST_F(SpecialListTest, what_is_out_of_order_belongs_to_another_list) {
  link(0, 1, 5);
  link(1, 2, 6);
  link(2, 3, 2);
  EXPECT_EQ(slots(), (std::vector<std::uint32_t>{5, 6}));
  EXPECT_EQ(diagnostics_.counts().at("lists of finalizers and samples that are out of order"), 1u);
}

}  // namespace
}  // namespace seep::goruntime
