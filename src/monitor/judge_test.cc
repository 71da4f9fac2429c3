#include "monitor/judge.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "monitor/made_up_machine_test.h"

namespace seep::monitor {
namespace {

constexpr double kMiB = 1 << 20;

class JudgeTest : public testing::Test {
 protected:
  /// `heap` of the hours since the start, in MiB; RSS is a little more.
  void run(double hours, double step_s, const std::function<double(double)>& heap) {
    std::int64_t start_ns = machine.now.boot_ns;
    machine.start(40).fill = [this, heap, start_ns](ProcessSample& sample) {
      double hour = static_cast<double>(machine.now.boot_ns - start_ns) / kTestSecond / 3600;
      double noise = std::normal_distribution<double>(0, 0.5)(random);
      double mib = heap(hour) + noise;
      sample[Figure::kHeapMarked] = static_cast<std::int64_t>(mib * kMiB);
      sample[Figure::kRss] = static_cast<std::int64_t>((mib * 1.3 + 20) * kMiB);
      sample[Figure::kGoroutines] = 12;
      if (limit > 0) sample[Figure::kCgroupLimit] = static_cast<std::int64_t>(limit * kMiB);
    };
    for (double second = 0; second < hours * 3600; second += step_s) {
      machine.pass(step_s);
      sampler.round(machine.now);
    }
  }

  VerdictKind verdict() {
    judge.judge_all(sampler);
    return sampler.state().processes.front().verdict->kind;
  }

  std::mt19937 random{7};
  MadeUpMachine machine;
  double limit = 0;
  Sampler sampler{machine};
  Judge judge;
};

TEST_F(JudgeTest, a_leak_is_told_with_the_time_that_is_left) {
  limit = 2048;
  run(6, 1, [](double hour) { return 100 + 60 * hour; });
  EXPECT_EQ(verdict(), VerdictKind::kLeak);
  const ProcessVerdict& told = *sampler.state().processes.front().verdict;
  EXPECT_EQ(told.leading, SeriesKind::kLiveHeap);
  ASSERT_TRUE(told.forecast);
  // RSS is at 618 MiB and rises by 78 an hour.
  EXPECT_NEAR(told.forecast->reached_s / 3600, 18.3, 3);
}

TEST_F(JudgeTest, a_steady_process_is_healthy_however_long_it_is_watched) {
  run(24 * 20, 60, [](double) { return 100; });
  EXPECT_EQ(verdict(), VerdictKind::kHealthy);
}

TEST_F(JudgeTest, what_began_an_hour_ago_shows_in_a_long_watch) {
  run(24 * 10, 30, [](double hour) { return 100 + 80 * std::max(0.0, hour - (24 * 10 - 1.5)); });
  EXPECT_TRUE(is_alarm(verdict()));
  const std::vector<std::string>& evidence = sampler.state().processes.front().verdict->evidence;
  EXPECT_NE(evidence.back().find("began in the last two hours"), std::string::npos);
}

TEST_F(JudgeTest, the_morning_of_a_day_like_others_is_no_alarm) {
  auto day = [](double hour) { return 150 - 60 * std::cos(hour / 24 * 2 * M_PI); };
  // Until the steepest rise of the tenth day.
  run(24 * 9 + 6.5, 30, day);
  EXPECT_FALSE(is_alarm(verdict())) << name_of(verdict());
}

TEST_F(JudgeTest, a_new_process_is_judged_at_once_and_then_once_a_minute) {
  machine.start(40);
  int verdicts = 0;
  for (int i = 0; i < 600; ++i) {
    machine.pass(1);
    sampler.round(machine.now);
    sampler.state().processes.front().verdict.reset();
    judge.round(sampler, machine.now);
    verdicts += sampler.state().processes.front().verdict ? 1 : 0;
    EXPECT_GE(verdicts, 1);
  }
  EXPECT_GE(verdicts, 9);
  EXPECT_LE(verdicts, 10);
}

TEST_F(JudgeTest, only_a_change_of_word_is_news) {
  machine.start(40);
  int news = 0;
  for (int i = 0; i < 300; ++i) {
    machine.pass(1);
    sampler.round(machine.now);
    news += static_cast<int>(judge.round(sampler, machine.now).size());
  }
  EXPECT_EQ(news, 1);
}

TEST_F(JudgeTest, many_processes_take_turns) {
  Judge thrifty({.processor_share = 0});
  for (int i = 0; i < 20; ++i) machine.start(100 + i, "program" + std::to_string(i));
  for (int i = 0; i < 20; ++i) {
    machine.pass(1);
    sampler.round(machine.now);
    thrifty.round(sampler, machine.now);
  }
  for (const WatchedProcess& process : sampler.state().processes)
    EXPECT_TRUE(process.verdict) << process.program;
}

TEST_F(JudgeTest, the_end_of_a_leak_is_told_as_one) {
  limit = 500;
  run(4, 1, [](double hour) { return 50 + 76 * hour; });
  judge.explain_end(sampler, 0, true, machine.now);
  const std::optional<OomEnd>& oom = sampler.state().processes.front().oom;
  ASSERT_TRUE(oom);
  EXPECT_TRUE(oom->counted);
  EXPECT_EQ(oom->limit, static_cast<std::uint64_t>(500 * kMiB));
  EXPECT_EQ(oom->answer.cause, OomCause::kLeak);
}

TEST_F(JudgeTest, one_load_of_too_much_data_is_told_as_one) {
  limit = 1000;
  run(4, 1, [](double hour) { return hour < 3.99 ? 50 : 50 + 70'000 * (hour - 3.99); });
  judge.explain_end(sampler, 0, true, machine.now);
  const std::optional<OomEnd>& oom = sampler.state().processes.front().oom;
  ASSERT_TRUE(oom);
  EXPECT_EQ(oom->answer.cause, OomCause::kTooMuchData);
}

TEST_F(JudgeTest, an_end_with_room_below_the_limit_needs_no_cause) {
  limit = 1000;
  run(1, 1, [](double) { return 100; });
  judge.explain_end(sampler, 0, false, machine.now);
  EXPECT_FALSE(sampler.state().processes.front().oom);
}

TEST_F(JudgeTest, of_what_was_seen_for_seconds_no_cause_is_told) {
  limit = 160;
  run(0.005, 1, [](double) { return 100; });
  judge.explain_end(sampler, 0, true, machine.now);
  const std::optional<OomEnd>& oom = sampler.state().processes.front().oom;
  ASSERT_TRUE(oom);
  EXPECT_FALSE(oom->answer.cause);
  EXPECT_NE(oom->answer.evidence.at(0).find("too short"), std::string::npos);
}

}  // namespace
}  // namespace seep::monitor
