#include "cli/round_pace.h"

#include <gtest/gtest.h>

namespace seep::cli {
namespace {

TEST(RoundPace, rounds_keep_their_distance_however_long_they_take) {
  RoundPace pace(1000, 10);
  EXPECT_TRUE(pace.is_due(1000));
  EXPECT_TRUE(pace.go_on(1000, 1003));
  EXPECT_FALSE(pace.is_due(1009));
  EXPECT_EQ(pace.next_ns(), 1010);
  EXPECT_TRUE(pace.go_on(1012, 1019));
  EXPECT_EQ(pace.next_ns(), 1020);
}

TEST(RoundPace, after_a_long_round_or_sleep_there_is_a_gap_and_no_crowd) {
  RoundPace pace(1000, 10);
  EXPECT_TRUE(pace.go_on(1000, 1034));
  EXPECT_EQ(pace.next_ns(), 1040);
  EXPECT_TRUE(pace.go_on(900'000, 900'001));
  EXPECT_EQ(pace.next_ns(), 900'010);
}

TEST(RoundPace, the_last_round_is_at_the_end) {
  RoundPace pace(1000, 10, 25);
  EXPECT_TRUE(pace.go_on(1000, 1001));
  EXPECT_TRUE(pace.go_on(1010, 1011));
  EXPECT_TRUE(pace.go_on(1020, 1021));
  EXPECT_EQ(pace.next_ns(), 1025);
  EXPECT_FALSE(pace.go_on(1025, 1026));
}

TEST(RoundPace, an_interval_that_is_longer_than_the_watch_leaves_two_rounds) {
  RoundPace pace(1000, 1'000'000, 25);
  EXPECT_TRUE(pace.go_on(1000, 1001));
  EXPECT_EQ(pace.next_ns(), 1025);
  EXPECT_FALSE(pace.go_on(1026, 1027));
}

TEST(RoundPace, a_round_that_outlasts_the_watch_is_followed_by_the_last) {
  RoundPace pace(1000, 10, 25);
  EXPECT_TRUE(pace.go_on(1000, 1100));
  EXPECT_TRUE(pace.is_due(1100));
  EXPECT_FALSE(pace.go_on(1100, 1101));
}

}  // namespace
}  // namespace seep::cli
