#include "analysis/scenarios/hung_goroutine.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::vector<Finding> findings_in(std::string_view text) {
  return find_hung_goroutines(test::DrawnEvidence(text).evidence());
}

TEST(HungGoroutine, tells_how_many_hang_where_and_what_would_come_back) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.config -> shared:main.config[1024]
    goroutine 1 running
    goroutine 7 waiting send c1:chan int[96] in runtime.gopark in runtime.chansend in gateway/retry.(*Queue).push@retry/queue.go:88 in gateway/retry.(*Client).do by gateway/retry.Start for 120s stack 8192 -> c=c1, r=r1:main.request[512], s=shared
    goroutine 8 waiting send c2:chan int[96] in runtime.gopark in runtime.chansend in gateway/retry.(*Queue).push@retry/queue.go:88 in gateway/retry.(*Client).do by gateway/retry.Start for 60s stack 8192 -> c=c2, r=r2:main.request[512], s=shared
  )");
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "hung-goroutine");
  EXPECT_EQ(finding.confidence, Confidence::kProven);
  EXPECT_EQ(finding.permanence, Permanence::kPermanent);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.bytes.bytes(), 2 * (96u + 512u));
  EXPECT_EQ(finding.title,
            "2 goroutines hang for ever in gateway/retry.(*Queue).push and hold 1.19 KiB");
  ASSERT_EQ(finding.origin.size(), 3u);
  EXPECT_EQ(finding.origin[0].role, OriginRole::kBlocked);
  EXPECT_EQ(finding.origin[0].line, 88u);
  EXPECT_EQ(finding.origin[1].function, "gateway/retry.(*Client).do");
  EXPECT_EQ(finding.origin[2].role, OriginRole::kStarted);
  EXPECT_NE(finding.remedy.find("buffered"), std::string::npos);
  EXPECT_EQ(finding.type, "main.request");
}

TEST(HungGoroutine, is_silent_where_every_goroutine_can_run) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.jobs -> jobs:chan int[96]
    goroutine 1 waiting io in net.accept
    goroutine 7 waiting chan jobs in main.worker -> jobs
    goroutine 8 waiting chan jobs in main.worker -> jobs
    goroutine 9 waiting mutex outside in main.lock
  )");
  EXPECT_TRUE(findings.empty());
}

TEST(HungGoroutine, does_not_accuse_a_main_that_waits_for_ever_on_purpose) {
  test::Drawing drawing = test::draw("goroutine 1 waiting never in main.main");
  drawing.snapshot.goroutines[0].wait_reason = drawing.snapshot.strings.intern("select (no cases)");
  EXPECT_TRUE(is_parked_main(drawing.snapshot.goroutines[0], drawing.snapshot));
  graph::ObjectGraph graph(drawing.snapshot);
  LeakedGoroutines leaked = find_leaked_goroutines(graph);
  for (const GoroutineGroup& group : group_goroutines(drawing.snapshot, leaked))
    EXPECT_EQ(group.verdict, GoroutineVerdict::kWaiting);
}

TEST(HungGoroutine, different_bugs_are_different_findings_with_their_own_bytes) {
  std::vector<Finding> findings = findings_in(R"(
    goroutine 7 waiting chan a:chan int[96] in main.first by main.main -> a
    goroutine 8 waiting waitgroup w:sync.WaitGroup[16] in main.second by main.main -> w, big:[]byte[4096]
  )");
  ASSERT_EQ(findings.size(), 2u);
  rank(findings);
  EXPECT_EQ(findings[0].origin[0].function, "main.second");
  EXPECT_EQ(findings[0].bytes.bytes(), 4112u);
  EXPECT_EQ(findings[1].bytes.bytes(), 96u);
  EXPECT_NE(findings[0].fingerprint, findings[1].fingerprint);
}

TEST(HungGoroutine, one_bug_at_two_lines_is_one_finding) {
  std::vector<Finding> findings = findings_in(R"(
    goroutine 7 waiting chan a:chan int[96] in main.work@w.go:10 by main.main -> a
    goroutine 8 waiting chan b:chan int[96] in main.work@w.go:20 by main.main -> b
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].count, 2u);
}

TEST(HungGoroutine, is_no_proof_while_a_running_goroutine_was_not_read_in_full) {
  std::vector<Finding> findings = findings_in(R"(
    goroutine 2 running cut in main.busy
    goroutine 7 waiting chan a:chan int[96] in main.work -> a
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
}

std::string expected_in(std::string_view text) {
  std::vector<Finding> findings = findings_in(text);
  rank(findings);
  for (const EvidenceLine& line : findings.at(0).evidence)
    if (line.label == "expected") return line.text;
  return "";
}

TEST(HungGoroutine, tells_what_was_expected_to_wake_it) {
  EXPECT_EQ(expected_in(R"(
    goroutine 1 running in main.main
    goroutine 7 waiting send a:chan main.answer[96] in main.ask by main.handle parent 5 -> a
  )"),
            "a receive from chan main.answer; main.handle, which started it, has returned; no "
            "other goroutine has the channel in its variables");
}

TEST(HungGoroutine, tells_of_a_creator_that_runs_on_without_it) {
  EXPECT_EQ(expected_in(R"(
    goroutine 5 running in main.step in main.handle
    goroutine 7 waiting chan a:chan main.answer[96] in main.ask by main.handle parent 5 -> a
  )"),
            "a send to chan main.answer, or its close; main.handle, which started it, still runs, "
            "but no longer has it; no other goroutine has the channel in its variables");
}

TEST(HungGoroutine, tells_of_partners_that_hang_as_well) {
  EXPECT_EQ(expected_in(R"(
    goroutine 7 waiting chan a:chan int[96] in main.first -> a, b:chan int[96], x:[]byte[512]
    goroutine 8 waiting chan b in main.second -> b, o:main.other[64]
    o -> a
  )"),
            "a send to chan int, or its close; 1 goroutine in main.second has the channel and "
            "hangs as well");
}

TEST(HungGoroutine, the_fingerprint_knows_no_addresses_lines_and_counts) {
  std::vector<Finding> once = findings_in(R"(
    goroutine 7 waiting chan a:chan int[96] in main.work@w.go:10 by main.main -> a
  )");
  std::vector<Finding> twice = findings_in(R"(
    root global main.other -> x:main.other[512]
    goroutine 70 waiting chan a:chan int[96] in main.work@w.go:11 by main.main -> a
    goroutine 80 waiting chan b:chan int[96] in main.work@w.go:11 by main.main -> b
  )");
  EXPECT_EQ(once.at(0).fingerprint, twice.at(0).fingerprint);
}

}  // namespace
}  // namespace seep::analysis
