#include "monitor/sampler.h"

#include <gtest/gtest.h>

#include "monitor/made_up_machine_test.h"

namespace seep::monitor {
namespace {

class SamplerTest : public testing::Test {
 protected:
  RoundEvents round_after(double seconds) {
    machine.pass(seconds);
    return sampler.round(machine.now);
  }
  const WatchedProcess& only() {
    EXPECT_EQ(sampler.state().processes.size(), 1u);
    return sampler.state().processes.front();
  }

  MadeUpMachine machine;
  Sampler sampler{machine, {.most_ended = 3, .most_of_history = 8}};
};

TEST_F(SamplerTest, a_process_is_followed_from_its_start_to_its_end) {
  EXPECT_TRUE(round_after(1).started.empty());
  machine.start(40);
  RoundEvents events = round_after(1);
  ASSERT_EQ(events.started.size(), 1u);
  EXPECT_EQ(events.sampled.size(), 1u);
  EXPECT_EQ(only().program, "gateway");
  EXPECT_EQ(only().identity.pid, 40u);
  round_after(1);
  machine.processes.clear();
  events = round_after(1);
  ASSERT_EQ(events.ended.size(), 1u);
  EXPECT_TRUE(events.sampled.empty());
  EXPECT_TRUE(only().ended);
  EXPECT_EQ(only().samples, 2u);
  EXPECT_EQ(only().latest[Figure::kRss], 100 << 20);
  EXPECT_TRUE(round_after(1).ended.empty());
}

TEST_F(SamplerTest, an_id_used_again_by_another_program_is_another_series) {
  machine.start(40);
  round_after(1);
  machine.start(40, "batch");
  RoundEvents events = round_after(1);
  EXPECT_EQ(events.ended.size(), 1u);
  events = round_after(1);
  ASSERT_EQ(events.started.size(), 1u);
  ASSERT_EQ(sampler.state().processes.size(), 2u);
  EXPECT_TRUE(sampler.state().processes[0].ended);
  EXPECT_EQ(sampler.state().processes[1].program, "batch");
  EXPECT_TRUE(sampler.state().processes[1].restarts_ns.empty());
}

TEST_F(SamplerTest, a_program_that_is_started_again_goes_on_with_its_series) {
  machine.start(40);
  for (int i = 0; i < 3; ++i) round_after(1);
  machine.processes.clear();
  round_after(1);
  machine.start(77);
  RoundEvents events = round_after(1);
  EXPECT_TRUE(events.started.empty());
  ASSERT_EQ(events.restarted.size(), 1u);
  EXPECT_EQ(only().identity.pid, 77u);
  EXPECT_FALSE(only().ended);
  ASSERT_EQ(only().restarts_ns.size(), 1u);
  std::int64_t mark = only().restarts_ns.front();
  EXPECT_LT(only().history[2].monotonic_ns, mark);
  EXPECT_EQ(only().history[3].monotonic_ns, mark);
  EXPECT_EQ(sampler.course(0).whole(SeriesKind::kRss).restarts_ns, only().restarts_ns);
}

TEST_F(SamplerTest, an_id_used_again_by_the_same_program_is_a_restart) {
  machine.start(40);
  round_after(1);
  machine.start(40);
  round_after(1);
  EXPECT_EQ(round_after(1).restarted.size(), 1u);
  EXPECT_EQ(only().restarts_ns.size(), 1u);
}

TEST_F(SamplerTest, a_program_that_executes_itself_anew_is_a_restart) {
  machine.start(40);
  round_after(1);
  machine.processes[40].state = SampledProcess::State::kOtherProgram;
  EXPECT_EQ(round_after(1).ended.size(), 1u);
  EXPECT_EQ(round_after(1).restarted.size(), 1u);
  EXPECT_EQ(only().restarts_ns.size(), 1u);
  EXPECT_FALSE(only().ended);
}

TEST_F(SamplerTest, instances_that_run_side_by_side_are_no_restarts_of_each_other) {
  machine.start(40);
  machine.start(41);
  round_after(1);
  EXPECT_EQ(sampler.state().processes.size(), 2u);
  // Started before the first ended, found after it: a worker beside it.
  machine.start(42).wanted = false;
  round_after(10);
  machine.processes.erase(40);
  machine.processes[42].wanted = true;
  round_after(1);
  round_after(1);
  EXPECT_EQ(sampler.state().processes.size(), 3u);
  for (const WatchedProcess& process : sampler.state().processes)
    EXPECT_TRUE(process.restarts_ns.empty());
}

TEST_F(SamplerTest, a_program_in_another_container_is_another_series) {
  machine.start(40).container = "a";
  round_after(1);
  machine.processes.clear();
  round_after(1);
  machine.start(41).container = "b";
  EXPECT_EQ(round_after(1).started.size(), 1u);
  EXPECT_EQ(sampler.state().processes.size(), 2u);
}

TEST_F(SamplerTest, a_process_that_has_yet_to_execute_its_program_is_looked_at_again) {
  machine.start(40, "sh").wanted = false;
  round_after(1);
  EXPECT_TRUE(sampler.state().processes.empty());
  machine.processes[40].wanted = true;
  EXPECT_EQ(round_after(1).started.size(), 1u);
}

TEST_F(SamplerTest, what_is_not_watched_is_examined_seldom) {
  machine.start(40).wanted = false;
  for (int i = 0; i < 120; ++i) round_after(1);
  EXPECT_GE(machine.examined, 6);
  EXPECT_LE(machine.examined, 10);
}

TEST_F(SamplerTest, a_wall_clock_that_is_set_changes_no_distances) {
  machine.start(40);
  for (int i = 0; i < 3; ++i) round_after(1);
  machine.now.wall_ns -= 3600 * kTestSecond;
  for (int i = 0; i < 3; ++i) round_after(1);
  ASSERT_EQ(only().history.size(), 6u);
  for (std::size_t i = 1; i < 6; ++i)
    EXPECT_EQ(only().history[i].monotonic_ns - only().history[i - 1].monotonic_ns, kTestSecond);
  Series series = sampler.course(0).whole(SeriesKind::kRss);
  Diagnostics diagnostics;
  std::vector<monitor::Run> runs = runs_of(series, diagnostics);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_DOUBLE_EQ(runs[0].span_s(), 5);
  EXPECT_TRUE(diagnostics.counts().empty());
}

TEST_F(SamplerTest, a_machine_that_slept_leaves_a_gap) {
  machine.start(40);
  for (int i = 0; i < 3; ++i) round_after(1);
  RoundEvents events = round_after(8 * 3600);
  EXPECT_TRUE(events.ended.empty());
  EXPECT_EQ(events.sampled.size(), 1u);
  Diagnostics diagnostics;
  std::vector<monitor::Run> runs = runs_of(sampler.course(0).whole(SeriesKind::kRss), diagnostics);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_DOUBLE_EQ(runs[0].longest_gap_s, 8 * 3600);
}

TEST_F(SamplerTest, figures_that_are_read_seldom_keep_their_last_value) {
  int reads = 0;
  machine.start(40).fill = [&reads](ProcessSample& sample) {
    sample[Figure::kRss] = 1000 + reads;
    if (reads++ % 3 == 0) sample[Figure::kPss] = 500 + reads;
  };
  for (int i = 0; i < 3; ++i) round_after(1);
  EXPECT_EQ(only().latest[Figure::kRss], 1002);
  EXPECT_EQ(only().latest[Figure::kPss], 501);
  EXPECT_FALSE(only().history.back()[Figure::kPss]);
  EXPECT_TRUE(sampler.course(0).whole(SeriesKind::kLiveHeap).samples.empty());
}

TEST_F(SamplerTest, an_end_by_the_kernel_is_told_by_its_count) {
  int kills = 0;
  machine.start(40).fill = [&kills](ProcessSample& sample) {
    sample[Figure::kRss] = 1;
    sample[Figure::kCgroupOomKills] = kills;
  };
  round_after(1);
  machine.processes[40].state = SampledProcess::State::kEnded;
  kills = 1;
  RoundEvents events = round_after(1);
  ASSERT_EQ(events.ended.size(), 1u);
  EXPECT_TRUE(events.ended[0].oom_counted);
}

TEST_F(SamplerTest, histories_are_bounded_and_end_with_the_newest) {
  machine.start(40);
  for (int i = 0; i < 100; ++i) {
    round_after(1);
    ASSERT_LE(only().history.size(), 8u);
    ASSERT_EQ(only().history.back().monotonic_ns, machine.now.boot_ns);
  }
  EXPECT_EQ(only().samples, 100u);
  EXPECT_EQ(only().history.front().monotonic_ns, machine.now.boot_ns - 99 * kTestSecond);
}

TEST_F(SamplerTest, of_those_that_have_ended_the_last_are_kept_and_the_others_counted) {
  for (int i = 0; i < 10; ++i) {
    std::string name = "job" + std::to_string(i);
    machine.start(100 + i, name);
    round_after(1);
    machine.processes.clear();
    round_after(1);
  }
  machine.start(40);
  round_after(1);
  ASSERT_EQ(sampler.state().processes.size(), 4u);
  EXPECT_EQ(sampler.state().processes[0].program, "job7");
  EXPECT_EQ(sampler.state().processes[3].program, "gateway");
  ASSERT_EQ(sampler.notes().size(), 1u);
  EXPECT_NE(sampler.notes()[0].find("7 processes"), std::string::npos) << sampler.notes()[0];
  // The one that runs is still the one that is sampled.
  machine.processes.clear();
  EXPECT_EQ(round_after(1).ended.size(), 1u);
  EXPECT_TRUE(sampler.state().processes[3].ended);
}

TEST_F(SamplerTest, what_an_earlier_watch_saw_of_a_process_that_still_runs_is_no_restart) {
  MadeUpProcess& process = machine.start(40);
  machine.pass(100);
  WatchedProcess past;
  past.identity = {40, process.start_ticks, "this-boot"};
  past.executable = "/usr/bin/gateway";
  std::size_t index = sampler.remember(past);
  ProcessSample sample;
  sample.monotonic_ns = machine.now.boot_ns - 50 * kTestSecond;
  sample[Figure::kRss] = 7;
  sampler.remember_sample(index, sample);
  EXPECT_TRUE(round_after(1).restarted.empty());
  EXPECT_EQ(only().history.size(), 2u);
  EXPECT_EQ(only().history[0][Figure::kRss], 7);
  EXPECT_TRUE(only().restarts_ns.empty());
  EXPECT_FALSE(only().ended);
}

}  // namespace
}  // namespace seep::monitor
