#include "monitor/past_ends.h"

#include <gtest/gtest.h>

#include "monitor/past_events.h"
#include "support/store_folder.h"

namespace seep::monitor {
namespace {

using test::process;
using test::put_all;

constexpr std::int64_t kMiB = 1 << 20;

class PastEnds : public test::StoreFolder {
 protected:
  /// From second to second, with an RSS that rises by `step` MiB each; the limit is 500 MiB.
  void run(Store& store, const ProcessIdentity& identity, int from, int to, double start,
           double step, std::int64_t kills) {
    for (int i = from; i < to; i += 10) {
      Round round = test::round_at(i, {identity});
      ProcessSample& sample = round.samples[0].sample;
      round.samples[0].name = test::name_of_process(1);
      double rss = start + step * (i - from);
      sample[Figure::kRss] = static_cast<std::int64_t>(rss * kMiB);
      sample[Figure::kCgroupUsage] = *sample[Figure::kRss] + kMiB;
      sample[Figure::kCgroupLimit] = 500 * kMiB;
      sample[Figure::kCgroupOomKills] = kills;
      put_all(store, round);
    }
  }
  std::vector<PastEnd> ends(Store& store, bool newest_is_gone = false) {
    Result<std::vector<PastEnd>> ends =
        past_ends(store, series(store).at(0), newest_is_gone, 0, diagnostics_);
    EXPECT_TRUE(ends) << ends.error().message;
    return ends.value_or(std::vector<PastEnd>{});
  }
};

TEST_F(PastEnds, a_leak_that_was_killed_is_told_from_the_store) {
  Store store = opened();
  run(store, process(1), 0, 4000, 100, 0.1, 0);
  Round end;
  end.ends.push_back({process(1), EndKind::kOomKilled});
  put_all(store, end);
  std::vector<PastEnd> told = ends(store);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_TRUE(told[0].seen);
  EXPECT_EQ(told[0].wall_ns, test::wall_of(3990));
  ASSERT_TRUE(told[0].oom);
  EXPECT_TRUE(told[0].oom->counted);
  EXPECT_EQ(told[0].oom->limit, static_cast<std::uint64_t>(500 * kMiB));
  EXPECT_EQ(told[0].oom->answer.cause, OomCause::kLeak);
}

TEST_F(PastEnds, a_kill_while_nobody_watched_is_told_by_the_count_of_the_kernel) {
  {
    Store before = opened();
    run(before, process(1), 0, 4000, 100, 0.1, 0);
  }
  Store store = opened();
  run(store, process(2), 5000, 5100, 50, 0, 1);
  std::vector<PastEnd> told = ends(store);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_FALSE(told[0].seen);
  ASSERT_TRUE(told[0].oom);
  EXPECT_TRUE(told[0].oom->counted);
  EXPECT_EQ(told[0].oom->answer.cause, OomCause::kLeak);
}

TEST_F(PastEnds, a_restart_without_a_kill_is_no_want_of_memory) {
  {
    Store before = opened();
    run(before, process(1), 0, 2000, 100, 0, 3);
  }
  Store store = opened();
  run(store, process(2), 2500, 2600, 50, 0, 3);
  std::vector<PastEnd> told = ends(store);
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].identity, process(1));
  EXPECT_FALSE(told[0].oom);
}

TEST_F(PastEnds, the_newest_has_ended_only_if_somebody_says_so) {
  Store store = opened();
  run(store, process(1), 0, 4000, 100, 0.1, 0);
  EXPECT_TRUE(ends(store).empty());
  std::vector<PastEnd> told = ends(store, true);
  ASSERT_EQ(told.size(), 1u);
  ASSERT_TRUE(told[0].oom);
  EXPECT_FALSE(told[0].oom->counted);
}

TEST_F(PastEnds, what_happened_is_told_in_the_order_of_time) {
  {
    Store before = opened();
    run(before, process(1), 0, 4000, 100, 0.1, 0);
    Round round;
    round.events.push_back({process(1), EventKind::kVerdict, test::time_of(3000),
                            test::wall_of(3000), "growing", "by a lot"});
    round.events.push_back(
        {process(1), EventKind::kOomKill, test::time_of(3995), test::wall_of(3995), "leak", ""});
    round.events.push_back(
        {process(1), EventKind::kNote, test::time_of(3500), test::wall_of(3500), "saved", ""});
    put_all(before, round);
  }
  Store store = opened();
  run(store, process(2), 5000, 5100, 50, 0, 1);
  Result<std::vector<PastEvent>> events =
      past_events(store, series(store).at(0), false, 0, diagnostics_);
  ASSERT_TRUE(events) << events.error().message;
  std::vector<std::string> told;
  for (const PastEvent& event : *events)
    told.push_back(std::string(name_of(event.kind)) + " " + event.text);
  EXPECT_EQ(told, (std::vector<std::string>{"watched go1.27.4", "verdict growing", "note saved",
                                            "ended ", "restarted go1.27.4"}));
  EXPECT_EQ((*events)[1].detail, "by a lot");
  EXPECT_EQ((*events)[1].wall_ns, test::wall_of(3000));
  EXPECT_EQ((*events)[4].wall_ns, test::wall_of(5000));
  EXPECT_TRUE((*events)[3].oom);
}

}  // namespace
}  // namespace seep::monitor
