#include "analysis/leaked_goroutines.h"

#include <gtest/gtest.h>

#include <set>

#include "support/graph_notation.h"

namespace seep::analysis {
namespace {

// `went_on`: whose wait was over when the copy had been read.
std::set<std::uint64_t> leaked_in(const char* text, std::set<std::uint64_t> went_on = {}) {
  test::Drawing drawing = test::draw(text);
  for (snapshot::Goroutine& goroutine : drawing.snapshot.goroutines)
    goroutine.went_on = went_on.contains(goroutine.id);
  graph::ObjectGraph graph(drawing.snapshot);
  LeakedGoroutines leaked = find_leaked_goroutines(graph);
  std::set<std::uint64_t> ids;
  for (std::size_t i = 0; i < drawing.snapshot.goroutines.size(); ++i)
    if (leaked.never_runs_again.test(i)) ids.insert(drawing.snapshot.goroutines[i].id);
  EXPECT_EQ(ids.size(), leaked.count);
  return ids;
}

using Ids = std::set<std::uint64_t>;

TEST(LeakedGoroutines, a_goroutine_that_alone_holds_its_channel_can_never_run_again) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running
    goroutine 7 waiting send ch:chan int[96] -> c=ch
  )"),
            Ids{7});
}

TEST(LeakedGoroutines, a_channel_that_a_running_goroutine_holds_keeps_its_waiter_live) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running -> c=ch:chan int[96]
    goroutine 7 waiting send ch -> c=ch
  )"),
            Ids{});
}

TEST(LeakedGoroutines, a_channel_in_a_package_variable_keeps_its_waiter_live) {
  EXPECT_EQ(leaked_in(R"(
    root global main.jobs -> ch:chan int[96]
    goroutine 7 waiting chan ch -> c=ch
  )"),
            Ids{});
}

TEST(LeakedGoroutines, a_lock_outside_the_heap_can_be_reached_by_everybody) {
  EXPECT_EQ(leaked_in("goroutine 7 waiting mutex outside"), Ids{});
}

TEST(LeakedGoroutines, goroutines_that_wait_only_for_each_other_hang_together) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running
    goroutine 7 waiting chan a:chan int[96] -> x=a, y=b:chan int[96]
    goroutine 8 waiting chan b -> x=a, y=b
  )"),
            (Ids{7, 8}));
}

TEST(LeakedGoroutines, life_passes_along_a_chain_of_waiters) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running -> a:chan int[96]
    goroutine 2 waiting chan a -> a, b:chan int[96]
    goroutine 3 waiting chan b -> b, c:chan int[96]
    goroutine 4 waiting chan c -> c
    goroutine 5 waiting chan d:chan int[96] -> d, a
  )"),
            Ids{5});
}

TEST(LeakedGoroutines, who_went_on_was_being_woken_and_can_wake_whom_it_reaches) {
  const char* program = R"(
    goroutine 1 running
    goroutine 2 waiting chan a:chan int[96] -> a, b:chan int[96]
    goroutine 3 waiting chan b -> b
    goroutine 4 waiting chan c:chan int[96] -> c
  )";
  EXPECT_EQ(leaked_in(program), (Ids{2, 3, 4}));
  EXPECT_EQ(leaked_in(program, {2}), Ids{4});
}

TEST(LeakedGoroutines, a_select_is_live_if_one_of_its_channels_is) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running -> a:chan int[96]
    goroutine 2 waiting select a, b:chan int[96] -> a, b
    goroutine 3 waiting select c:chan int[96], d:chan int[96] -> c, d
  )"),
            Ids{3});
}

TEST(LeakedGoroutines, locks_conditions_and_wait_groups_follow_the_same_rule) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running -> held:main.server[64]
    goroutine 2 waiting mutex held+4 -> held
    goroutine 3 waiting mutex m:main.cache[64]+4 -> m
    goroutine 4 waiting waitgroup w:sync.WaitGroup[16] -> w
    goroutine 5 waiting cond c:sync.Cond[64] -> c
  )"),
            (Ids{3, 4, 5}));
}

TEST(LeakedGoroutines, nothing_wakes_a_goroutine_on_a_nil_channel) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 1 running
    goroutine 7 waiting never
  )"),
            Ids{7});
}

TEST(LeakedGoroutines, what_a_finalizer_reaches_can_still_be_acted_on) {
  EXPECT_EQ(leaked_in(R"(
    root finalizer of x:main.conn[16] -> ch:chan int[96]
    goroutine 7 waiting chan ch -> ch
  )"),
            Ids{});
}

TEST(LeakedGoroutines, sleepers_io_and_the_runtimes_own_are_never_accused) {
  EXPECT_EQ(leaked_in(R"(
    goroutine 2 waiting sleep
    goroutine 3 waiting io
    goroutine 4 waiting never system
    goroutine 5 syscall
    goroutine 6 dead
  )"),
            Ids{});
}

TEST(LeakedGoroutines, a_wait_that_could_not_be_read_counts_as_live_and_is_counted) {
  test::Drawing drawing = test::draw("goroutine 7 waiting chan");
  graph::ObjectGraph graph(drawing.snapshot);
  LeakedGoroutines leaked = find_leaked_goroutines(graph);
  EXPECT_EQ(leaked.count, 0u);
  EXPECT_EQ(leaked.unknown_wait, 1u);
}

TEST(LeakedGoroutines, a_parked_main_gives_no_life_to_what_only_it_holds) {
  test::Drawing drawing = test::draw(R"(
    goroutine 1 waiting never -> ch:chan int[96]
    goroutine 7 waiting chan ch -> ch
  )");
  graph::ObjectGraph graph(drawing.snapshot);
  EXPECT_EQ(find_leaked_goroutines(graph).count, 2u);
}

TEST(LeakedGoroutines, who_has_a_weak_pointer_can_still_wake_somebody) {
  constexpr const char* kText = R"(
    goroutine 7 waiting chan ch:chan int[96] in main.wait -> ch
    root weak of x:main.entry[32] -> handle:main.handle[8]
    x -> ch
  )";
  EXPECT_EQ(leaked_in(kText), Ids{7}) << "nobody has the weak pointer";
  std::string text = kText;
  text += "goroutine 8 running in main.main -> handle\n";
  EXPECT_EQ(leaked_in(text.c_str()), Ids{});
  test::Drawing drawing = test::draw(text);
  graph::ObjectGraph graph(drawing.snapshot);
  EXPECT_FALSE(find_leaked_goroutines(graph).live_is_kept);
}

TEST(LeakedGoroutines, one_that_is_just_being_woken_is_not_said_to_hang) {
  test::Drawing drawing = test::draw(R"(
    goroutine 7 waiting chan ch:chan int[96] in main.wait -> ch, g7:runtime.g[480]
    goroutine 8 waiting chan other:chan int[96] in main.wait -> other, g8:runtime.g[480]
    root in-hand -> g7
  )");
  drawing.snapshot.goroutines[0].g_object = drawing.object("g7");
  drawing.snapshot.goroutines[1].g_object = drawing.object("g8");
  graph::ObjectGraph graph(drawing.snapshot);
  LeakedGoroutines leaked = find_leaked_goroutines(graph);
  EXPECT_FALSE(leaked.never_runs_again.test(0)) << "the runtime has it in its hands";
  EXPECT_TRUE(leaked.never_runs_again.test(1));
}

}  // namespace
}  // namespace seep::analysis
