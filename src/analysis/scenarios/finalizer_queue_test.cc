#include "analysis/scenarios/finalizer_queue.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// `waiting` objects wait besides the one whose finalizer runs.
std::string queue_of(int waiting, const std::string& goroutine) {
  std::string text = "root queue -> current:main.conn[64]";
  for (int i = 0; i < waiting; ++i) text += ", c" + std::to_string(i) + ":main.conn[64]";
  return text + "\n" + goroutine + "\n";
}

std::vector<Finding> findings_in(const std::string& text,
                                 snapshot::QueueDuty duty = snapshot::QueueDuty::kFinalizers) {
  test::DrawnEvidence drawn(text);
  for (snapshot::Goroutine& goroutine : drawn.drawing.snapshot.goroutines) goroutine.duty = duty;
  return find_blocked_finalizers(drawn.evidence());
}

const std::string kBlocked =
    "goroutine 5 waiting mutex outside in runtime.gopark in main.close@c.go:7 in "
    "runtime.runfinq by runtime.createfing for 60s";

TEST(FinalizerQueue, names_the_finalizer_that_blocks_and_counts_what_waits) {
  std::vector<Finding> findings = findings_in(queue_of(200, kBlocked));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].scenario, "finalizer-queue");
  EXPECT_EQ(findings[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].count, 200u);
  EXPECT_EQ(findings[0].bytes.bytes(), 201u * 64u);
  EXPECT_EQ(findings[0].type, "main.conn");
  EXPECT_EQ(findings[0].title,
            "the finalizer main.close does not return, and 200 objects wait behind it");
}

TEST(FinalizerQueue, what_waits_for_what_nobody_reaches_is_permanent) {
  std::vector<Finding> findings = findings_in(queue_of(
      200, "goroutine 5 waiting chan lost:chan int[96] in main.close in runtime.runfinq -> lost"));
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].permanence, Permanence::kPermanent);
  EXPECT_EQ(findings[0].confidence, Confidence::kProven);
}

TEST(FinalizerQueue, few_objects_or_a_wait_that_has_just_begun_are_only_possible) {
  EXPECT_EQ(findings_in(queue_of(3, kBlocked))[0].confidence, Confidence::kPossible);
  std::string just_begun = kBlocked.substr(0, kBlocked.find(" for 60s"));
  EXPECT_EQ(findings_in(queue_of(200, just_begun))[0].confidence, Confidence::kPossible);
}

TEST(FinalizerQueue, a_queue_that_moves_is_no_finding) {
  EXPECT_TRUE(
      findings_in(queue_of(200, "goroutine 5 running in main.close in runtime.runfinq")).empty());
  EXPECT_TRUE(
      findings_in(queue_of(200, "goroutine 5 waiting io in runtime.gopark in runtime.runfinq"))
          .empty());
  EXPECT_TRUE(findings_in(queue_of(0, kBlocked)).empty());
  EXPECT_TRUE(findings_in(queue_of(200, kBlocked), snapshot::QueueDuty::kNone).empty());
}

TEST(FinalizerQueue, cleanups_stand_still_only_when_all_who_run_them_do) {
  std::string text = queue_of(200, kBlocked);
  text.replace(0, std::string("root queue").size(), "root cleanup-queue");
  EXPECT_EQ(findings_in(text, snapshot::QueueDuty::kCleanups).size(), 1u);
  text += "goroutine 6 running in main.close in runtime.runCleanups\n";
  EXPECT_TRUE(findings_in(text, snapshot::QueueDuty::kCleanups).empty());
}

}  // namespace
}  // namespace seep::analysis
