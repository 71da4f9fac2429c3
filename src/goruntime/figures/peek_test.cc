// What peeking believes of a program that changes while it is read. Real programs: see
// tests/integration/ps_test.cc.
#include "goruntime/figures/peek.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <functional>
#include <limits>
#include <map>

namespace seep::goruntime {
namespace {

using snapshot::GoFigures;

constexpr std::uint64_t kController = 0x1000, kSched = 0x2000, kAllp = 0x3000, kAllgs = 0x4000,
                        kProcessors = 0x5000, kFirstP = 0x6000, kSecondP = 0x7000,
                        kStatistics = 0x8000;

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
  plan[FigureSource::kController].variable = Address(kController);
  plan[FigureSource::kScheduler].variable = Address(kSched);
  plan[FigureSource::kProcessors].variable = Address(kAllp);
  plan[FigureSource::kGoroutines].variable = Address(kAllgs);
  choose_windows(plan);
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
  memory.set(kAllgs, 0);
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
  GoFigures figures = peek(quiet_program(), plan(), 0);
  EXPECT_EQ(figures.goroutines, 58u);
  EXPECT_EQ(figures.heap_live, 2000u);
  EXPECT_EQ(figures.heap_marked, 1500u);
  EXPECT_FALSE(figures.memory_limit);
}

TEST(Peek, adds_the_slide_to_variables_only) {
  PeekPlan shifted = plan();
  for (FigureWindow& window : shifted.windows) window.variable = window.variable - 0x800;
  EXPECT_EQ(peek(quiet_program(), shifted, 0x800).goroutines, 58u);
}

TEST(Peek, before_the_first_collection_nothing_is_marked) {
  PeekPlan with_count = plan();
  with_count.layout.mstats.numgc = {0, 4};
  with_count[FigureSource::kStatistics].variable = Address(kStatistics);
  choose_windows(with_count);
  WordMemory memory = quiet_program();
  memory.set(kStatistics, 0);
  EXPECT_FALSE(peek(memory, with_count, 0).heap_marked);
  EXPECT_EQ(peek(memory, with_count, 0).heap_live, 2000u);
  memory.set(kStatistics, 1);
  EXPECT_EQ(peek(memory, with_count, 0).heap_marked, 1500u);
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
  older[FigureSource::kStatistics].variable = Address(kController);
  choose_windows(older);
  GoFigures figures = peek(quiet_program(), older, 0);
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
  EXPECT_EQ(peek(memory, plan(), 0).goroutines, 60u);
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
  GoFigures figures = peek(memory, plan(), 0);
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
  GoFigures figures = peek(quiet_program(), other, 0);
  EXPECT_FALSE(figures.heap_live);
  EXPECT_FALSE(figures.goroutines);
  EXPECT_EQ(figures.heap_marked, 1500u);
}

// Go 1.16+: three deltas of two words, {in stacks, in work buffers}, and which is written.
struct HeapStatsProgram {
  PeekPlan plan = goruntime::plan();
  WordMemory memory = quiet_program();

  HeapStatsProgram() {
    auto& fields = plan.layout.mstats;
    fields.heapStats = {0, 48};
    fields.heapStats_gen = {48, 4};
    fields.delta_bytes = 16;
    fields.inStacks = {0, 8};
    fields.inWorkBufs = {8, 8};
    plan[FigureSource::kStatistics].variable = Address(kStatistics);
    choose_windows(plan);
    set_deltas({0, 0}, {700, 70}, {50, 5}, 2);
  }

  void set_deltas(std::array<std::uint64_t, 2> first, std::array<std::uint64_t, 2> second,
                  std::array<std::uint64_t, 2> third, std::uint64_t written) {
    std::uint64_t at = kStatistics;
    for (const std::array<std::uint64_t, 2>& delta : {first, second, third}) {
      for (std::uint64_t word : delta) {
        memory.set(at, word);
        at += 8;
      }
    }
    memory.set(at, written);
  }

  GoFigures peek() { return goruntime::peek(memory, plan, 0); }
};

TEST(Peek, statistics_are_the_sum_of_their_deltas) {
  HeapStatsProgram program;
  EXPECT_EQ(program.peek().stacks_in_use, 750u);
  program.set_deltas({~std::uint64_t{0} - 99, 0}, {700, 0}, {0, 0}, 1);  // one may be negative
  EXPECT_EQ(program.peek().stacks_in_use, 600u);
}

// The delta before the last one was added to it, and is not yet cleared.
TEST(Peek, statistics_that_are_being_put_together_are_not_believed) {
  HeapStatsProgram program;
  program.set_deltas({0, 0}, {700, 70}, {750, 75}, 0);
  EXPECT_FALSE(program.peek().stacks_in_use);
}

TEST(Peek, a_torn_reading_is_not_the_answer) {
  HeapStatsProgram program;
  program.memory.set(kStatistics + 16, [](int reads) { return reads == 1 ? 1400u : 700u; });
  program.memory.set(kAllgs + 8, [](int reads) { return 100u + static_cast<unsigned>(reads); });
  GoFigures figures = program.peek();
  EXPECT_EQ(figures.stacks_in_use, 750u);
  EXPECT_EQ(figures.goroutines, 60u);
}

// Go 1.19+: {in use, released, free} of the controller.
TEST(Peek, spans_are_told_from_one_reading) {
  PeekPlan newer = plan();
  newer.layout.gc_controller.heapInUse = {24, 8};
  newer.layout.gc_controller.heapReleased = {32, 8};
  newer.layout.gc_controller.heapFree = {40, 8};
  choose_windows(newer);
  WordMemory memory = quiet_program();
  memory.set(kController + 24, 8192);
  memory.set(kController + 32, [](int reads) { return 100u * static_cast<unsigned>(reads); });
  memory.set(kController + 40, 1000);
  GoFigures figures = peek(memory, newer, 0);
  EXPECT_EQ(figures.heap_in_use, 8192u);
  EXPECT_EQ(figures.heap_idle, 1200u);
  EXPECT_EQ(figures.heap_released, 200u);
}

// Go 1.12-1.15: memstats.heap_idle and heap_released are words of their own.
TEST(Peek, what_contradicts_another_figure_is_left_out) {
  PeekPlan older = plan();
  older.layout.mstats.heap_idle = {0, 8};
  older.layout.mstats.heap_released = {8, 8};
  older[FigureSource::kStatistics].variable = Address(kStatistics);
  choose_windows(older);
  WordMemory memory = quiet_program();
  memory.set(kStatistics, 1000);
  memory.set(kStatistics + 8, 600);
  EXPECT_EQ(peek(memory, older, 0).heap_idle, 1000u);
  memory.set(kStatistics + 8, 1001);
  GoFigures figures = peek(memory, older, 0);
  EXPECT_FALSE(figures.heap_idle);
  EXPECT_EQ(figures.heap_released, 1001u);
}

}  // namespace
}  // namespace seep::goruntime
