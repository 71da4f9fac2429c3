#include "analysis/scenarios/goroutine_pileup.h"

#include <gtest/gtest.h>

#include "analysis/goroutine_report.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// A registry keeps `count` goroutines reachable, each on a channel of its own.
std::string kept_waiters(int count, const std::string& attributes) {
  std::string text =
      "root global main.registry -> all:[]*main.entry[" + std::to_string(count * 8) + "]\n";
  for (int i = 0; i < count; ++i) {
    std::string c = "c" + std::to_string(i);
    text += "all[" + std::to_string(i) + "] -> " + c + ":chan int[96]\n";
    text += "goroutine " + std::to_string(i + 10) + " waiting chan " + c + " " + attributes +
            " -> " + c + "\n";
  }
  return text;
}

TEST(GoroutinePileup, a_thousand_at_one_place_are_possible_and_no_more) {
  test::DrawnEvidence drawn(kept_waiters(1000, "in main.wait by main.start"));
  std::vector<Finding> findings = find_goroutine_pileups(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
  EXPECT_EQ(findings[0].count, 1000u);
  EXPECT_EQ(findings[0].origin[0].function, "main.wait");
}

TEST(GoroutinePileup, a_hundred_are_not_worth_a_word_unless_they_are_most) {
  std::string others = "goroutine 1 running in main.main\n";
  for (int i = 2; i < 9; ++i)
    others +=
        "goroutine " + std::to_string(i) + " running in main.other" + std::to_string(i) + "\n";
  test::DrawnEvidence drawn(others + kept_waiters(100, "in main.wait"));
  EXPECT_TRUE(find_goroutine_pileups(drawn.evidence()).empty());
}

TEST(GoroutinePileup, an_idle_pool_waits_for_one_thing_and_is_not_reported) {
  std::string text = "root global main.jobs -> jobs:chan int[96]\n";
  for (int i = 0; i < 1500; ++i)
    text += "goroutine " + std::to_string(i + 10) + " waiting chan jobs in main.worker -> jobs\n";
  test::DrawnEvidence drawn(text);
  EXPECT_TRUE(find_goroutine_pileups(drawn.evidence()).empty());
}

TEST(GoroutinePileup, long_waits_of_many_are_called_stuck) {
  test::DrawnEvidence drawn(kept_waiters(1000, "in main.wait for 900s"));
  ASSERT_FALSE(drawn.groups.empty());
  EXPECT_EQ(drawn.groups[0].verdict, GoroutineVerdict::kStuck);
  EXPECT_TRUE(find_goroutine_pileups(drawn.evidence()).empty()) << "told as stuck already";
}

TEST(GoroutinePileup, several_that_wait_long_for_a_lock_are_called_stuck) {
  test::DrawnEvidence drawn(R"(
    root global main.s -> s:main.server[64]
    goroutine 7 waiting mutex s+4 in main.a for 120s -> s
    goroutine 8 waiting mutex s+4 in main.a for 150s -> s
  )");
  ASSERT_EQ(drawn.groups.size(), 1u);
  EXPECT_EQ(drawn.groups[0].verdict, GoroutineVerdict::kStuck);
}

TEST(GoroutineReport, leaked_groups_come_first_with_what_only_they_hold) {
  test::DrawnEvidence drawn(R"(
    goroutine 1 running in main.main -> big:[]byte[65536]
    goroutine 7 waiting chan c:chan int[96] in main.work -> c
  )");
  GoroutineReport report = report_goroutines(drawn.graph, drawn.groups, false);
  EXPECT_EQ(report.goroutines, 2u);
  EXPECT_EQ(report.leaked, 1u);
  ASSERT_EQ(report.rows.size(), 2u);
  EXPECT_EQ(report.rows[0].group.verdict, GoroutineVerdict::kLeaked);
  EXPECT_EQ(report.rows[0].retained.bytes(), 96u);
  EXPECT_EQ(report.rows[1].retained.bytes(), 65536u);
  EXPECT_EQ(report_goroutines(drawn.graph, drawn.groups, true).rows.size(), 1u);
}

}  // namespace
}  // namespace seep::analysis
