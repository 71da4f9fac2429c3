// What peeking believes of a program that changes while it is read. Real programs: see
// tests/integration/ps_test.cc.
#include "goruntime/peek.h"

#include <gtest/gtest.h>

#include <cstring>
#include <functional>
#include <limits>
#include <map>

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kController = 0x1000, kSched = 0x2000, kAllp = 0x3000, kAllgs = 0x4000,
                        kProcessors = 0x5000, kFirstP = 0x6000, kSecondP = 0x7000;

// Words at addresses; what a word is may depend on how often it has been read.
class WordMemory final : public target::MemoryReader {
 public:
  using Word = std::function<std::uint64_t(int)>;

  void set(std::uint64_t address, std::uint64_t value) {
    words_[address] = [value](int) { return value; };
  }
  void set(std::uint64_t address, Word word) { words_[address] = std::move(word); }
  void remove(std::uint64_t address) { words_.erase(address); }

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      auto found = words_.find(address.value() + done);
      if (found == words_.end()) break;
      std::uint64_t value = found->second(reads_[found->first]++);
      std::size_t bytes = std::min<std::size_t>(8, out.size() - done);
      std::memcpy(out.data() + done, &value, bytes);
      done += bytes;
    }
    return done;
  }

 private:
  std::map<std::uint64_t, Word> words_;
  mutable std::map<std::uint64_t, int> reads_;
};

PeekPlan plan() {
  PeekPlan plan;
  plan.layout.gc_controller.heapLive = {0, 8};
  plan.layout.gc_controller.heapMarked = {8, 8};
  plan.layout.gc_controller.memoryLimit = {16, 8};
  plan.layout.sched = {{0, 4}, {8, 4}, {16, 4}};
  plan.layout.p.gFree_size = {8, 4};
  plan.gc_controller = Address(kController);
  plan.sched = Address(kSched);
  plan.allp = Address(kAllp);
  plan.allgs = Address(kAllgs);
  return plan;
}

// 100 goroutines: 5 the runtime's, 10 + 20 free for all, 3 + 4 free on two processors.
WordMemory quiet_program() {
  WordMemory memory;
  memory.set(kController, 2000);
  memory.set(kController + 8, 1500);
  memory.set(kController + 16, std::numeric_limits<std::int64_t>::max());
  memory.set(kSched, 5);
  memory.set(kSched + 8, 10);
  memory.set(kSched + 16, 20);
  memory.set(kAllgs + 8, 100);
  memory.set(kAllp, kProcessors);
  memory.set(kAllp + 8, 2);
  memory.set(kProcessors, kFirstP);
  memory.set(kProcessors + 8, kSecondP);
  memory.set(kFirstP + 8, 3);
  memory.set(kSecondP + 8, 4);
  return memory;
}

TEST(Peek, counts_goroutines_as_the_runtime_does) {
  PeekedFigures figures = peek(quiet_program(), plan(), 0);
  EXPECT_EQ(figures.goroutines, 58u);
  EXPECT_EQ(figures.heap_live, 2000u);
  EXPECT_EQ(figures.heap_marked, 1500u);
  EXPECT_FALSE(figures.memory_limit);
}

TEST(Peek, adds_the_slide_to_variables_only) {
  PeekPlan shifted = plan();
  shifted.gc_controller = shifted.gc_controller - 0x800;
  shifted.sched = shifted.sched - 0x800;
  shifted.allp = shifted.allp - 0x800;
  shifted.allgs = shifted.allgs - 0x800;
  EXPECT_EQ(peek(quiet_program(), shifted, 0x800).goroutines, 58u);
}

TEST(Peek, before_the_first_collection_nothing_is_marked) {
  WordMemory memory = quiet_program();
  memory.set(kController + 8, 0);
  EXPECT_FALSE(peek(memory, plan(), 0).heap_marked);
  EXPECT_EQ(peek(memory, plan(), 0).heap_live, 2000u);
}

TEST(Peek, tells_a_memory_limit) {
  WordMemory memory = quiet_program();
  memory.set(kController + 16, 64 << 20);
  EXPECT_EQ(peek(memory, plan(), 0).memory_limit, std::uint64_t{64} << 20);
}

// Go 1.12-1.24.
TEST(Peek, goroutines_with_and_without_a_stack_may_be_counted_together) {
  PeekPlan older = plan();
  older.layout.sched.gFree_noStack_size = {};
  EXPECT_EQ(peek(quiet_program(), older, 0).goroutines, 78u);
}

// Go 1.12-1.16.
TEST(Peek, heap_may_be_told_by_memstats) {
  PeekPlan older = plan();
  older.layout.gc_controller = {};
  older.layout.mstats.heap_live = {0, 8};
  older.layout.mstats.heap_marked = {8, 8};
  older.memstats = Address(kController);
  PeekedFigures figures = peek(quiet_program(), older, 0);
  EXPECT_EQ(figures.heap_live, 2000u);
  EXPECT_EQ(figures.heap_marked, 1500u);
  EXPECT_FALSE(figures.memory_limit);
}

TEST(Peek, a_sum_that_changes_under_way_is_read_again) {
  WordMemory memory = quiet_program();
  memory.set(kAllgs + 8, [](int reads) { return reads == 0 ? 170u : 100u; });
  EXPECT_EQ(peek(memory, plan(), 0).goroutines, 58u);
}

TEST(Peek, a_count_that_never_rests_is_told_by_its_middle) {
  WordMemory memory = quiet_program();
  memory.set(kAllgs + 8, [](int reads) { return 100u + static_cast<unsigned>(reads); });
  EXPECT_EQ(peek(memory, plan(), 0).goroutines, 62u);
}

TEST(Peek, a_count_is_never_below_one) {
  WordMemory memory = quiet_program();
  memory.set(kSched + 8, 1000);
  EXPECT_EQ(peek(memory, plan(), 0).goroutines, 1u);
}

TEST(Peek, what_is_not_readable_is_absent) {
  for (std::uint64_t hole : {kAllgs + 8, kSched, kSched + 8, kSched + 16, kAllp, kAllp + 8,
                             kProcessors + 8, kFirstP + 8}) {
    WordMemory memory = quiet_program();
    memory.remove(hole);
    EXPECT_FALSE(peek(memory, plan(), 0).goroutines) << hole;
    EXPECT_EQ(peek(memory, plan(), 0).heap_live, 2000u);
  }
  WordMemory memory = quiet_program();
  memory.remove(kController);
  EXPECT_FALSE(peek(memory, plan(), 0).heap_live);
  EXPECT_EQ(peek(memory, plan(), 0).goroutines, 58u);
}

TEST(Peek, impossible_numbers_are_absent) {
  WordMemory memory = quiet_program();
  memory.set(kController, ~std::uint64_t{0});
  memory.set(kController + 8, std::uint64_t{1} << 50);
  memory.set(kController + 16, ~std::uint64_t{0});
  memory.set(kAllp + 8, ~std::uint64_t{0});
  PeekedFigures figures = peek(memory, plan(), 0);
  EXPECT_FALSE(figures.heap_live || figures.heap_marked || figures.memory_limit ||
               figures.goroutines);
  memory = quiet_program();
  memory.set(kAllgs + 8, ~std::uint64_t{0});
  EXPECT_FALSE(peek(memory, plan(), 0).goroutines);
}

TEST(Peek, members_of_unexpected_width_are_absent) {
  PeekPlan other = plan();
  other.layout.gc_controller.heapLive.size = 4;
  other.layout.sched.ngsys.size = 8;
  PeekedFigures figures = peek(quiet_program(), other, 0);
  EXPECT_FALSE(figures.heap_live);
  EXPECT_FALSE(figures.goroutines);
  EXPECT_EQ(figures.heap_marked, 1500u);
}

}  // namespace
}  // namespace seep::goruntime
