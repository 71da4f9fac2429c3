#include "analysis/overlap.h"

#include <gtest/gtest.h>

#include "analysis/analyses.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

constexpr const char* kChain = R"(
  root global main.first -> a:[]byte[1048576]
  root global main.second -> b:main.node[1048576]
  root global main.third -> c:main.node[1048576]
  b -> shared:[]byte[2097152]
  c -> shared
  c -> d:main.node[1048576]
  d -> e:[]byte[524288]
)";

Finding cutting_root(const test::DrawnEvidence& drawn, std::string_view object) {
  Finding finding;
  snapshot::ObjectId target = drawn.drawing.object(object);
  const snapshot::Roots& roots = drawn.drawing.snapshot.roots;
  for (std::uint32_t i = 1; i <= roots.count(); ++i) {
    const snapshot::GcRoot& root = roots[snapshot::RootId{i}];
    for (std::uint32_t r = 0; r < root.reference_count; ++r)
      if (roots.references[root.first_reference + r].target == target)
        finding.removal.cut.roots.push_back(snapshot::RootId{i});
  }
  graph::Reachability rest = graph::reachable_without(drawn.graph, finding.removal.cut);
  finding.bytes = drawn.completeness.reachable_bytes - rest.extent().bytes;
  return finding;
}

Finding cutting_object(const test::DrawnEvidence& drawn, std::string_view object) {
  Finding finding;
  finding.removal.objects = {drawn.drawing.object(object)};
  finding.bytes =
      drawn.dominators.retained(graph::ObjectGraph::node(finding.removal.objects[0])).bytes;
  return finding;
}

TEST(Overlap, findings_of_different_memory_add_up_and_are_not_told_to_overlap) {
  test::DrawnEvidence drawn(kChain);
  std::vector<Finding> findings = {cutting_root(drawn, "a"), cutting_object(drawn, "d")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.findings, 2u);
  EXPECT_EQ(together.left_out, 0u);
  EXPECT_EQ(together.bytes.bytes(), 1048576u * 2 + 524288);
  EXPECT_EQ(together.sum, together.bytes);
  EXPECT_TRUE(findings[0].evidence.empty());
  EXPECT_TRUE(findings[1].evidence.empty());
}

TEST(Overlap, what_lies_in_another_counts_once_and_is_told) {
  test::DrawnEvidence drawn(kChain);
  std::vector<Finding> findings = {cutting_object(drawn, "d"), cutting_root(drawn, "c")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.bytes.bytes(), 1048576u * 2 + 524288);
  EXPECT_EQ(together.sum.bytes(), 1048576u * 3 + 524288 * 2);
  EXPECT_TRUE(findings[0].evidence.empty());
  ASSERT_EQ(findings[1].evidence.size(), 1u);
  EXPECT_EQ(findings[1].evidence[0].label, "overlap");
  EXPECT_EQ(findings[1].evidence[0].text, "of this, 1.50 MiB are those of finding 1");
}

TEST(Overlap, what_only_several_hold_comes_back_with_all_of_them) {
  test::DrawnEvidence drawn(kChain);
  std::vector<Finding> findings = {cutting_root(drawn, "b"), cutting_root(drawn, "c")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.sum.bytes(), 1048576u * 3 + 524288);
  EXPECT_EQ(together.bytes.bytes(), together.sum.bytes() + 2097152);
}

TEST(Overlap, the_same_memory_twice_counts_once) {
  test::DrawnEvidence drawn(kChain);
  std::vector<Finding> findings = {cutting_root(drawn, "a"), cutting_object(drawn, "a")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.bytes.bytes(), 1048576u);
  ASSERT_EQ(findings[1].evidence.size(), 1u);
  EXPECT_EQ(findings[1].evidence[0].text, "of this, 1.00 MiB are those of finding 1");
}

TEST(Overlap, a_part_of_an_object_counts_where_the_object_stays) {
  test::DrawnEvidence drawn(kChain);
  Finding part;
  part.bytes = ByteSize(500000);
  part.removal.parts = {{drawn.drawing.object("e"), part.bytes}};
  std::vector<Finding> alone = {part};
  EXPECT_EQ(tell_overlaps(drawn.evidence(), alone).bytes.bytes(), 500000u);

  std::vector<Finding> findings = {part, cutting_object(drawn, "d")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.bytes.bytes(), 1048576u + 524288);
  ASSERT_EQ(findings[1].evidence.size(), 1u);
  EXPECT_EQ(findings[1].evidence[0].text, "of this, 488 KiB are those of finding 1");
}

TEST(Overlap, what_is_no_fault_is_not_counted_and_what_is_not_known_is_said) {
  test::DrawnEvidence drawn(kChain);
  Finding harmless = cutting_root(drawn, "a");
  harmless.informational = true;
  Finding estimate;
  estimate.bytes = ByteSize(1 << 20);
  std::vector<Finding> findings = {cutting_root(drawn, "c"), estimate, harmless};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.findings, 1u);
  EXPECT_EQ(together.left_out, 1u);
  EXPECT_EQ(together.bytes, findings[0].bytes);
}

// The retainer holds the array whose lost elements a surer finding names.
TEST(Overlap, removed_references_count_as_cut_off) {
  test::DrawnEvidence drawn(R"(
    type main.queue[16] { head *main.job @0; tail *main.job @8 }
    type main.job[1048576] { next *main.job @0 }
    root global main.jobs -> q:main.queue[16]
    q.head -> x:main.job[1048576]
    q.tail -> y:main.job[1048576]
  )");
  Finding lost;
  lost.bytes = ByteSize(1048576);
  lost.removal.cut.references = {{drawn.drawing.object("q"), 0}};
  std::vector<Finding> findings = {lost, cutting_root(drawn, "q")};
  Together together = tell_overlaps(drawn.evidence(), findings);
  EXPECT_EQ(together.bytes.bytes(), 2 * 1048576u + 16);
  ASSERT_EQ(findings[1].evidence.size(), 1u);
  EXPECT_EQ(findings[1].evidence[0].text, "of this, 1.00 MiB are those of finding 1");
}

}  // namespace
}  // namespace seep::analysis
