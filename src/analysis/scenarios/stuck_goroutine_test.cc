#include "analysis/scenarios/stuck_goroutine.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// A registry keeps `count` goroutines reachable, each on a channel of its own.
std::string kept_waiters(int count, const std::string& attributes) {
  std::string text =
      "root global main.registry -> all:[]*main.entry[" + std::to_string(count * 8) + "]\n";
  for (int i = 0; i < count; ++i) {
    std::string c = "c" + std::to_string(i);
    text += "all[" + std::to_string(i) + "] -> " + c + ":chan main.event[96]\n";
    text += "goroutine " + std::to_string(i + 10) + " waiting chan " + c + " " + attributes +
            " -> " + c + ", buffer" + c + ":[]byte[512]\n";
  }
  return text;
}

std::string evidence_of(const Finding& finding, const std::string& label) {
  for (const EvidenceLine& line : finding.evidence)
    if (line.label == label) return line.text;
  return "";
}

TEST(StuckGoroutine, a_pile_that_waits_for_minutes_behind_a_registry_is_possible) {
  test::DrawnEvidence drawn(kept_waiters(1000, "in main.wait by main.subscribe for 900s"));
  std::vector<Finding> findings = find_stuck_goroutines(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "hung-goroutine");
  EXPECT_EQ(finding.confidence, Confidence::kPossible);
  EXPECT_EQ(finding.permanence, Permanence::kUnknown);
  EXPECT_EQ(finding.count, 1000u);
  ASSERT_FALSE(finding.holder.empty());
  EXPECT_EQ(finding.holder[0].name, "main.registry");
  EXPECT_EQ(evidence_of(finding, "expected"),
            "a send to chan main.event, or its close; main.subscribe, which started them, has "
            "returned; no other goroutine has the channel in its variables");
}

TEST(StuckGoroutine, after_an_hour_a_pile_that_holds_much_is_likely_and_never_proven) {
  test::DrawnEvidence drawn(kept_waiters(1000, "in main.wait for 7200s"));
  EXPECT_EQ(find_stuck_goroutines(drawn.evidence()).at(0).confidence, Confidence::kLikely);
}

TEST(StuckGoroutine, a_partner_that_can_run_keeps_it_possible_and_is_named) {
  test::DrawnEvidence drawn(kept_waiters(1000, "in main.wait for 7200s") +
                            "goroutine 5 waiting io in main.dispatch -> c3\n");
  std::vector<Finding> findings = find_stuck_goroutines(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
  EXPECT_NE(evidence_of(findings[0], "expected")
                .find("1 goroutine in main.dispatch has the channel (IO wait)"),
            std::string::npos)
      << evidence_of(findings[0], "expected");
}

TEST(StuckGoroutine, an_idle_pool_and_short_waits_are_silent) {
  std::string pool = "root global main.jobs -> jobs:chan int[96]\n";
  for (int i = 0; i < 1500; ++i)
    pool += "goroutine " + std::to_string(i + 10) +
            " waiting chan jobs in main.worker for 9000s -> jobs\n";
  EXPECT_TRUE(find_stuck_goroutines(test::DrawnEvidence(pool).evidence()).empty());
  test::DrawnEvidence young(kept_waiters(1000, "in main.wait for 30s"));
  EXPECT_TRUE(find_stuck_goroutines(young.evidence()).empty());
}

// Two wait for the lock in an object that a package variable keeps.
std::string lock_line(const std::string& others) {
  return "root global main.store -> s:main.store[64]\n"
         "goroutine 7 waiting mutex s+4 in main.put for 120s -> s\n"
         "goroutine 8 waiting mutex s+4 in main.put for 150s -> s\n" +
         others;
}

TEST(StuckGoroutine, a_lock_that_nobody_has_who_could_unlock_it_is_likely) {
  test::DrawnEvidence drawn(lock_line(""));
  std::vector<Finding> findings = find_stuck_goroutines(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_NE(findings[0].title.find("main.put"), std::string::npos);
}

TEST(StuckGoroutine, a_lock_whose_holder_works_is_possible) {
  test::DrawnEvidence drawn(lock_line("goroutine 9 waiting io in main.load -> s\n"));
  EXPECT_EQ(find_stuck_goroutines(drawn.evidence()).at(0).confidence, Confidence::kPossible);
}

TEST(StuckGoroutine, a_lock_whose_holder_hangs_is_likely) {
  test::DrawnEvidence drawn(
      lock_line("goroutine 9 waiting chan c:chan int[96] in main.load -> s, c\n"));
  ASSERT_EQ(drawn.leaked.count, 1u);
  std::vector<Finding> findings = find_stuck_goroutines(drawn.evidence());
  EXPECT_EQ(findings.at(0).confidence, Confidence::kLikely);
  EXPECT_NE(evidence_of(findings[0], "expected")
                .find("1 goroutine in main.load has the lock and hangs as well"),
            std::string::npos)
      << evidence_of(findings[0], "expected");
}

TEST(StuckGoroutine, a_lock_in_a_package_variable_is_possible_for_minutes) {
  test::DrawnEvidence drawn(R"(
    goroutine 7 waiting mutex outside in main.put for 120s
    goroutine 8 waiting mutex outside in main.put for 150s
  )");
  std::vector<Finding> findings = find_stuck_goroutines(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

}  // namespace
}  // namespace seep::analysis
