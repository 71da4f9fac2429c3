#include "monitor/recorder.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "monitor/made_up_machine_test.h"
#include "support/seep_command.h"

namespace seep::monitor {
namespace {

class RecorderTest : public testing::Test {
 protected:
  /// A watch of its own over the same store, as long as the test says.
  struct Watch {
    Watch(MadeUpMachine& on, const std::string& path) : machine(on), sampler(on) {
      Result<Recorder> opened = Recorder::open(path);
      EXPECT_TRUE(opened) << opened.error().message;
      if (opened) recorder.emplace(std::move(*opened));
    }
    void recall(const std::string& boot_id = "this-boot") {
      Result<void> recalled = recorder->recall(
          boot_id, machine.now, [](const ProgramName&) { return true; }, sampler, judge);
      EXPECT_TRUE(recalled) << recalled.error().message;
    }
    RoundEvents round(double seconds = 1) {
      machine.pass(seconds);
      RoundEvents events = sampler.round(machine.now);
      for (const RoundEvents::End& end : events.ended)
        judge.explain_end(sampler, end.process, end.oom_counted, machine.now);
      recorder->write(sampler.state(), events, judge.round(sampler, machine.now), machine.now);
      return events;
    }
    const WatchedProcess& only() {
      EXPECT_EQ(sampler.state().processes.size(), 1u);
      return sampler.state().processes.front();
    }

    MadeUpMachine& machine;
    Sampler sampler;
    Judge judge;
    std::optional<Recorder> recorder;
  };

  test::TemporaryFolder folder;
  std::string path = folder.file("watch.db");
  MadeUpMachine machine;
};

TEST_F(RecorderTest, a_process_that_still_runs_goes_on_with_its_past) {
  machine.start(40);
  std::int64_t first_ns = machine.now.boot_ns + kTestSecond;
  {
    Watch watch(machine, path);
    for (int i = 0; i < 100; ++i) watch.round();
  }
  Watch watch(machine, path);
  watch.recall();
  EXPECT_TRUE(watch.round().restarted.empty());
  EXPECT_TRUE(watch.only().restarts_ns.empty());
  EXPECT_EQ(watch.only().samples, 101u);
  EXPECT_EQ(watch.only().history.front().monotonic_ns, first_ns);
  EXPECT_DOUBLE_EQ(watch.sampler.course(0).run_span_s(), 100);
}

TEST_F(RecorderTest, a_program_that_was_started_again_meanwhile_is_marked) {
  machine.start(40);
  {
    Watch watch(machine, path);
    for (int i = 0; i < 100; ++i) watch.round();
  }
  machine.processes.clear();
  machine.pass(60);
  machine.start(41);
  Watch watch(machine, path);
  watch.recall();
  EXPECT_EQ(watch.round().restarted.size(), 1u);
  EXPECT_EQ(watch.only().restarts_ns.size(), 1u);
  EXPECT_DOUBLE_EQ(watch.sampler.course(0).run_span_s(), 0);
  EXPECT_GE(watch.sampler.course(0).span_s(), 160);
}

TEST_F(RecorderTest, restarts_of_the_past_are_marked) {
  {
    Watch watch(machine, path);
    for (int start = 0; start < 3; ++start) {
      machine.start(40 + start);
      for (int i = 0; i < 50; ++i) watch.round();
      machine.processes.clear();
      watch.round();
    }
  }
  Watch watch(machine, path);
  watch.recall();
  EXPECT_EQ(watch.only().restarts_ns.size(), 2u);
  EXPECT_TRUE(watch.only().ended);
  EXPECT_EQ(watch.sampler.course(0).whole(SeriesKind::kRss).restarts_ns.size(), 2u);
}

TEST_F(RecorderTest, the_past_of_another_boot_lies_before_this_one) {
  machine.start(40);
  {
    Watch watch(machine, path);
    for (int i = 0; i < 100; ++i) watch.round();
  }
  // Off for an hour, and up for ten minutes since.
  machine.processes.clear();
  machine.now = {600 * kTestSecond, machine.now.wall_ns + 4200 * kTestSecond};
  machine.start(40);
  Watch watch(machine, path);
  watch.recall("another-boot");
  const WatchedProcess& past = watch.only();
  EXPECT_EQ(past.history.back().monotonic_ns, (600 - 4200) * kTestSecond);
  watch.round();
  EXPECT_EQ(watch.only().restarts_ns.size(), 1u);
}

TEST_F(RecorderTest, the_past_never_reaches_into_this_boot_whatever_the_wall_clock_says) {
  machine.start(40);
  {
    Watch watch(machine, path);
    for (int i = 0; i < 100; ++i) watch.round();
  }
  machine.processes.clear();
  machine.now = {600 * kTestSecond, machine.now.wall_ns - 86400 * kTestSecond};
  Watch watch(machine, path);
  watch.recall("another-boot");
  EXPECT_LT(watch.only().history.back().monotonic_ns, 0);
}

TEST_F(RecorderTest, an_end_by_the_kernel_is_explained_from_the_store) {
  int kills = 0;
  std::int64_t rss = 0;
  machine.start(40).fill = [&](ProcessSample& sample) {
    sample[Figure::kRss] = rss += 500'000;
    sample[Figure::kCgroupLimit] = 64 << 20;
    sample[Figure::kCgroupOomKills] = kills;
  };
  {
    Watch watch(machine, path);
    for (int i = 0; i < 130; ++i) watch.round(10);
    kills = 1;
    machine.processes[40].state = SampledProcess::State::kEnded;
    watch.round();
    ASSERT_TRUE(watch.only().oom);
  }
  machine.processes.clear();
  Watch watch(machine, path);
  watch.recall();
  ASSERT_TRUE(watch.only().oom);
  EXPECT_TRUE(watch.only().oom->counted);
  EXPECT_EQ(watch.only().oom->answer.cause, OomCause::kLeak);
}

TEST_F(RecorderTest, a_store_that_cannot_be_written_is_said_and_written_again_later) {
  machine.start(40);
  Watch watch(machine, path);
  watch.round();
  // A limit on the size of files stands for a full disk.
  signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit full{1, before.rlim_max};
  setrlimit(RLIMIT_FSIZE, &full);
  for (int i = 0; i < 5; ++i) watch.round();
  std::vector<std::string> notes = watch.recorder->notes();
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("sampling goes on"), std::string::npos) << notes[0];
  EXPECT_EQ(watch.only().samples, 6u);
  watch.round();
  notes = watch.recorder->notes();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("written again; 5 rounds"), std::string::npos) << notes[0];
}

}  // namespace
}  // namespace seep::monitor
