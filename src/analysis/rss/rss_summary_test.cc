// Where the process itself was looked at: accounts, the third hypothesis, and the verdict. The rest
// is in verdict_test.cc.
#include "analysis/rss/rss_summary.h"

#include <gtest/gtest.h>

#include "analysis/rss/resident_rules.h"
#include "analysis/verdict.h"
#include "support/drawn_evidence.h"
#include "support/drawn_resident.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;
using test::DrawnEvidence;
using test::DrawnResident;
using test::kMiB;

ByteSize account(const RssSummary& summary, std::string_view name) {
  for (const RssAccount& row : summary.accounts)
    if (row.name == name) return row.bytes;
  return {};
}

// A heap of 172 MiB in an RSS of 1,650 MiB, most of which Go has given back.
struct SeedStory {
  DrawnEvidence drawn{"root global main.cache -> x:[]byte[180355072]"};
  std::vector<Finding> findings;

  SeedStory() {
    DrawnResident resident(1650, {{Resident::kReturnedLazily, 1430}});
    snapshot::Snapshot& snapshot = drawn.drawing.snapshot;
    snapshot.program.go_version = "go1.13.15";
    snapshot.program.rss_bytes = 1650 * kMiB;
    snapshot.resident = resident.reading;
    findings = find_resident_causes(snapshot, drawn.completeness);
    for (Finding& retainer : held()) findings.push_back(std::move(retainer));
    rank(findings);
  }
  // One holder keeps all of the heap: whether it grows, one snapshot cannot tell.
  static std::vector<Finding> held() {
    Finding retainer;
    retainer.scenario = "large-retainer";
    retainer.bytes = ByteSize(172 * kMiB);
    retainer.title = "main.cache holds 172 MiB";
    return {retainer};
  }
};

TEST(RssByPage, the_seed_story_is_a_gap_and_no_leak) {
  SeedStory story;
  Evidence evidence = story.drawn.evidence();
  EXPECT_EQ(story.findings.front().scenario, "rss-lazy-free");
  EXPECT_EQ(verdict_of(evidence, story.findings), Verdict::kRssGap);
  EXPECT_EQ(goroutines_hypothesis(evidence, story.findings).outcome, Outcome::kRuledOut);
  Hypothesis heap = heap_hypothesis(evidence, story.findings);
  EXPECT_EQ(heap.outcome, Outcome::kRuledOut);
  EXPECT_EQ(heap.evidence.back(), "10 % of RSS: it is not what fills the memory");
  Hypothesis rss =
      rss_hypothesis(summarize_rss(evidence.snapshot, evidence.completeness), story.findings);
  EXPECT_EQ(rss.outcome, Outcome::kConfirmed);
  EXPECT_EQ(rss.evidence.front(),
            "1.61 GiB RSS = 220 MiB heap + 1.40 GiB given back "
            "already");
}

TEST(RssByPage, a_gap_in_bytes_does_not_rule_out_a_heap_that_is_most_of_it) {
  SeedStory story;
  story.drawn.drawing.snapshot.program.rss_bytes = 400 * kMiB;
  EXPECT_EQ(heap_hypothesis(story.drawn.evidence(), story.findings).outcome,
            Outcome::kInconclusive);
}

TEST(RssByPage, accounts_and_the_rest_add_up) {
  DrawnEvidence drawn(R"(
    root global main.x -> x:[]byte[1048576]
    object lost:[]byte[2097152]
  )");
  DrawnResident resident(100, {{Resident::kHeapWaste, 10},
                               {Resident::kStacks, 20},
                               {Resident::kCMemory, 30},
                               {Resident::kUnexplained, 1}});
  drawn.drawing.snapshot.resident = resident.reading;
  RssSummary summary = summarize_rss(drawn.drawing.snapshot, drawn.completeness);
  ByteSize sum = summary.unexplained;
  for (const RssAccount& row : summary.accounts) sum += row.bytes;
  EXPECT_EQ(sum, summary.rss);
  EXPECT_TRUE(summary.by_page);
  // What is reachable in truth divides the heap.
  EXPECT_EQ(account(summary, "Go heap, live").bytes(), 13 * kMiB);
  EXPECT_EQ(account(summary, "Go heap, garbage").bytes(), 26 * kMiB);
  EXPECT_EQ(account(summary, "Go heap, unused parts of spans").bytes(), 10 * kMiB);
}

TEST(RssByPage, causes_that_are_only_possible_leave_a_program_healthy) {
  DrawnEvidence drawn("goroutine 1 running");
  DrawnResident resident(1000, {{Resident::kReturnedLazily, 100}, {Resident::kMappedFiles, 600}});
  std::vector<Finding> causes = resident.causes();
  ASSERT_EQ(causes.size(), 2u);
  EXPECT_EQ(verdict_of(drawn.evidence(), causes), Verdict::kHealthy);
  EXPECT_EQ(rss_hypothesis(summarize_rss(resident.reading.memory), causes).outcome,
            Outcome::kRuledOut);
}

TEST(RssByPage, a_limit_that_does_not_fit_is_no_gap) {
  DrawnEvidence drawn("goroutine 1 running");
  DrawnResident resident(300, {});
  resident.facts().cgroup_limit = 2048 * kMiB;
  resident.facts().go.gc_percent = -1;
  EXPECT_EQ(verdict_of(drawn.evidence(), resident.causes()), Verdict::kNearLimit);
}

TEST(RssByPage, what_nobody_can_explain_leaves_the_question_open) {
  DrawnResident resident(1000, {{Resident::kUnexplained, 400}});
  Hypothesis rss = rss_hypothesis(summarize_rss(resident.reading.memory), {});
  EXPECT_EQ(rss.outcome, Outcome::kInconclusive);
  EXPECT_EQ(rss.evidence.back(), "400 MiB unexplained");
}

}  // namespace
}  // namespace seep::analysis
