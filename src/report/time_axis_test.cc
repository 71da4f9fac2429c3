#include "report/time_axis.h"

#include <gtest/gtest.h>

#include <limits>

#include "report/sparkline.h"
#include "support/drawn_watch.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::ProcessSample;
using monitor::WatchedProcess;
using test::kSecondNs;

WatchedProcess process_of(const std::vector<std::pair<int, std::int64_t>>& seconds_and_bytes) {
  WatchedProcess process;
  for (auto [second, bytes] : seconds_and_bytes) {
    ProcessSample sample;
    sample.monotonic_ns = second * kSecondNs;
    sample[Figure::kRss] = bytes;
    process.history.push_back(sample);
  }
  return process;
}

std::string curve(const WatchedProcess& process, int first, int last, std::size_t width) {
  TimeAxis axis = time_axis(first * kSecondNs, last * kSecondNs, 1, width);
  return sparkline(course_of(process, Figure::kRss, axis), Figure::kRss);
}

TEST(TimeAxis, holds_first_and_last) {
  for (std::int64_t span : {0, 1, 59, 60, 61, 3600, 86400 * 7}) {
    for (std::size_t columns : {1u, 6u, 35u, 150u}) {
      std::int64_t first = 12345 * kSecondNs + 7;
      TimeAxis axis = time_axis(first, first + span * kSecondNs, 1, columns);
      EXPECT_EQ(axis.column_of(first + span * kSecondNs), columns - 1);
      // Two instants on both sides of a column's edge need two columns.
      EXPECT_TRUE(columns == 1 || axis.column_of(first)) << span << " in " << columns;
    }
  }
}

TEST(TimeAxis, columns_stand_still_while_time_goes_on) {
  TimeAxis before = time_axis(0, 1000 * kSecondNs, 1, 40);
  TimeAxis after = time_axis(0, 1001 * kSecondNs, 1, 40);
  ASSERT_EQ(before.step_ns, after.step_ns);
  EXPECT_EQ((after.start_ns - before.start_ns) % before.step_ns, 0);
}

TEST(TimeAxis, a_column_is_no_shorter_than_an_interval) {
  EXPECT_GE(time_axis(0, 5 * kSecondNs, 60, 100).step_ns, 60 * kSecondNs);
}

TEST(TimeAxis, survives_times_that_are_none) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  TimeAxis axis = time_axis(kLeast, kMost, 1, 80);
  EXPECT_FALSE(axis.column_of(kLeast));
  EXPECT_TRUE(axis.column_of(kMost));
  EXPECT_FALSE(time_axis(0, 0, 1, 8).column_of(kMost));
}

TEST(Sparkline, grows_from_low_to_high) {
  EXPECT_EQ(curve(process_of({{0, 0}, {1, 100}, {2, 200}, {3, 300}}), 0, 3, 4), "▁▃▆█");
}

TEST(Sparkline, steady_figures_are_flat) {
  EXPECT_EQ(curve(process_of({{0, 10000}, {1, 10100}, {2, 9990}, {3, 10050}}), 0, 3, 4), "▁▁▁▁");
}

TEST(Sparkline, shows_gaps_and_nothing_before_the_first_sample) {
  EXPECT_EQ(curve(process_of({{1, 100}, {2, 100}, {3, 100}, {7, 100}}), 0, 7, 8), " ▁▁▁···▁");
}

TEST(Sparkline, a_late_sample_is_no_gap) {
  EXPECT_EQ(curve(process_of({{0, 100}, {2, 100}, {3, 100}}), 0, 3, 4), "▁▁▁▁");
}

TEST(Sparkline, marks_where_the_program_began_anew) {
  WatchedProcess process = process_of({{0, 100}, {1, 200}, {2, 10}, {3, 10}});
  process.restarts_ns = {2 * kSecondNs};
  EXPECT_EQ(curve(process, 0, 3, 4), "▄█│▁");
}

TEST(Sparkline, a_column_of_several_samples_shows_the_highest) {
  WatchedProcess process = process_of({{0, 0}, {1, 900}, {2, 0}, {3, 0}});
  EXPECT_EQ(curve(process, 0, 3, 2), "█▁");
}

TEST(Sparkline, what_was_never_read_is_nothing) {
  WatchedProcess process = process_of({{0, 1}});
  process.history[0][Figure::kRss].reset();
  EXPECT_EQ(curve(process, 0, 3, 4), "    ");
  EXPECT_EQ(curve({}, 0, 3, 4), "    ");
}

}  // namespace
}  // namespace seep::report
