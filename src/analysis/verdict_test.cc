#include "analysis/verdict.h"

#include <gtest/gtest.h>

#include "analysis/analyses.h"
#include "analysis/rss/rss_summary.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::vector<Finding> all_findings(const test::DrawnEvidence& drawn) {
  std::vector<Finding> findings;
  for (const Analysis& analysis : all_analyses())
    for (Finding& finding : analysis.run(drawn.evidence())) findings.push_back(std::move(finding));
  return findings;
}

TEST(Verdict, a_proven_leak_confirms_its_hypothesis) {
  test::DrawnEvidence drawn("goroutine 7 waiting chan c:chan int[96] in main.work -> c");
  std::vector<Finding> findings = all_findings(drawn);
  EXPECT_EQ(verdict_of(drawn.evidence(), findings), Verdict::kLeak);
  EXPECT_EQ(goroutines_hypothesis(drawn.evidence(), findings).outcome, Outcome::kConfirmed);
  EXPECT_EQ(heap_hypothesis(drawn.evidence(), findings).outcome, Outcome::kRuledOut);
}

TEST(Verdict, a_program_without_findings_is_healthy) {
  test::DrawnEvidence drawn("goroutine 1 running in main.main -> x:[]byte[4096]");
  std::vector<Finding> findings = all_findings(drawn);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(verdict_of(drawn.evidence(), findings), Verdict::kHealthy);
  EXPECT_EQ(goroutines_hypothesis(drawn.evidence(), findings).outcome, Outcome::kRuledOut);
}

TEST(Verdict, what_is_merely_held_is_never_a_leak) {
  test::DrawnEvidence drawn("root global main.cache -> x:[]byte[4194304]");
  std::vector<Finding> findings = all_findings(drawn);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(is_fault(findings[0]));
  EXPECT_EQ(verdict_of(drawn.evidence(), findings), Verdict::kInconclusive);
  EXPECT_EQ(heap_hypothesis(drawn.evidence(), findings).outcome, Outcome::kInconclusive);
}

TEST(Verdict, garbage_is_information) {
  test::DrawnEvidence drawn("object lost:[]byte[4194304]");
  std::vector<Finding> findings = all_findings(drawn);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_TRUE(findings[0].informational);
  EXPECT_EQ(findings[0].bytes.bytes(), 4194304u);
  EXPECT_EQ(verdict_of(drawn.evidence(), findings), Verdict::kHealthy);
}

TEST(Verdict, resident_memory_close_to_its_limit_is_said) {
  test::DrawnEvidence drawn("goroutine 1 running");
  drawn.drawing.snapshot.program.rss_bytes = 950;
  drawn.drawing.snapshot.program.limit_bytes = 1000;
  EXPECT_EQ(verdict_of(drawn.evidence(), {}), Verdict::kNearLimit);
}

TEST(RssSummary, accounts_and_the_rest_add_up) {
  test::DrawnEvidence drawn(R"(
    root global main.x -> x:[]byte[1048576]
    object lost:[]byte[1048576]
  )");
  snapshot::Snapshot& snapshot = drawn.drawing.snapshot;
  snapshot.program.rss_bytes = 100 << 20;
  snapshot.runtime.heap_in_use = 3 << 20;
  snapshot.runtime.heap_free = 80 << 20;
  snapshot.runtime.stacks_in_use = 1 << 20;
  RssSummary summary = summarize_rss(snapshot, drawn.completeness);
  ByteSize sum = summary.unexplained;
  for (const RssAccount& account : summary.accounts) sum += account.bytes;
  EXPECT_EQ(sum, summary.rss);
  EXPECT_EQ(summary.unexplained.bytes(), 16u << 20);
  EXPECT_EQ(rss_hypothesis(summary, {}).outcome, Outcome::kInconclusive);
}

TEST(RssSummary, memory_that_was_never_touched_is_not_resident) {
  test::DrawnEvidence drawn("root global main.x -> x:[]byte[1048576]");
  drawn.drawing.snapshot.program.rss_bytes = 1 << 19;
  RssSummary summary = summarize_rss(drawn.drawing.snapshot, drawn.completeness);
  EXPECT_EQ(summary.accounts[0].bytes.bytes(), 1u << 19);
  EXPECT_EQ(rss_hypothesis(summary, {}).outcome, Outcome::kRuledOut);
}

TEST(RssSummary, an_unknown_resident_size_leaves_the_question_open) {
  test::DrawnEvidence drawn("goroutine 1 running");
  EXPECT_EQ(rss_hypothesis(summarize_rss(drawn.drawing.snapshot, drawn.completeness), {}).outcome,
            Outcome::kInconclusive);
}

}  // namespace
}  // namespace seep::analysis
