#include "analysis/scenarios/lost_elements.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::string with_types(std::string_view drawing) {
  return "type main.queue[24] { jobs []*main.job @0 }\n" + std::string(drawing);
}

std::vector<Finding> findings_in(std::string_view drawing) {
  return find_lost_elements(test::DrawnEvidence(with_types(drawing)).evidence());
}

// Room for eight jobs; the slice begins at the fourth.
constexpr std::string_view kQueue = R"(
  root global main.pending -> q:main.queue[24]
  q.jobs -> row:[]*main.job[64]+24~1/5
  row@0 -> a:main.job[1048576]
  row@8 -> b:main.job[1048576]
  row@16 -> c:main.job[1048576]
  row@24 -> d:main.job[1048576]
)";

TEST(LostElements, before_the_slice_are_named_and_counted) {
  std::vector<Finding> findings = findings_in(kQueue);
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "lost-elements");
  EXPECT_EQ(finding.permanence, Permanence::kTemporary);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_EQ(finding.bytes.bytes(), 3 * 1048576u);
  EXPECT_EQ(finding.count, 3u);
  EXPECT_EQ(finding.type, "main.job");
  EXPECT_EQ(finding.holder.back().name, "jobs");
}

TEST(LostElements, only_what_nothing_else_reaches_is_counted) {
  std::vector<Finding> findings = findings_in(std::string(kQueue) + R"(
    root global main.current -> a
    b -> e:main.part[1048576]
    d -> e
    c -> f:main.part[1048576]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].bytes.bytes(), 3 * 1048576u);  // b, c and f
}

TEST(LostElements, what_two_of_them_share_is_counted_once) {
  std::vector<Finding> findings = findings_in(std::string(kQueue) + R"(
    b -> e:main.part[1048576]
    c -> e
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].bytes.bytes(), 4 * 1048576u);
}

TEST(LostElements, beyond_the_length_are_stale) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.pending -> q:main.queue[24]
    q.jobs -> row:[]*main.job[64]~1/8
    row@0 -> a:main.job[1048576]
    row@8 -> b:main.job[1048576]
    row@16 -> c:main.job[1048576]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].bytes.bytes(), 2 * 1048576u);
  EXPECT_EQ(findings[0].count, 2u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
}

TEST(LostElements, another_slice_that_shows_them_keeps_them) {
  EXPECT_TRUE(findings_in(std::string(kQueue) + R"(
    root global main.all -> all:main.queue[24]
    all.jobs -> row~8/8
  )")
                  .empty());
}

TEST(LostElements, of_a_queue_in_use_are_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.pending -> q:main.queue[24]
    q.jobs -> row:[]*main.job[64]+16~2/6
    row@0 -> a:main.job[1048576]
    row@8 -> b:main.job[1048576]
    row@16 -> c:main.job[1048576]
    row@24 -> d:main.job[1048576]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

TEST(LostElements, of_a_slice_that_is_kept_to_be_filled_again_are_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.scratch -> q:main.queue[24]
    q.jobs -> row:[]*main.job[64]~0/8
    row@0 -> a:main.job[1048576]
    row@8 -> b:main.job[1048576]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

TEST(LostElements, elements_that_were_set_to_nil_are_none) {
  EXPECT_TRUE(findings_in(R"(
    root global main.pending -> q:main.queue[24]
    q.jobs -> row:[]*main.job[64]+24~1/5
    row@24 -> d:main.job[1048576]
  )")
                  .empty());
}

TEST(LostElements, the_remedy_is_one_that_the_release_has) {
  test::DrawnEvidence drawn(with_types(R"(
    root global main.pending -> q:main.queue[24]
    q.jobs -> row:[]*main.job[64]~1/8
    row@8 -> b:main.job[1048576]
    row@16 -> c:main.job[1048576]
  )"));
  std::string old = find_lost_elements(drawn.evidence()).at(0).remedy;
  EXPECT_EQ(old.find("clear("), std::string::npos) << old;
  EXPECT_EQ(old.find("slices."), std::string::npos) << old;
  drawn.drawing.snapshot.library = {true, true, true, true};
  std::string now = find_lost_elements(drawn.evidence()).at(0).remedy;
  EXPECT_NE(now.find("clear(s[n:])"), std::string::npos) << now;
  EXPECT_NE(now.find("slices.Delete does both"), std::string::npos) << now;
}

}  // namespace
}  // namespace seep::analysis
