#include "analysis/scenarios/substring.h"

#include <gtest/gtest.h>

#include "analysis/holder_path.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::string with_types(std::string_view drawing) {
  return "type main.doc[24] { name string @0; id int @16 }\n" + std::string(drawing);
}

std::vector<Finding> findings_in(std::string_view drawing) {
  return find_substrings(test::DrawnEvidence(with_types(drawing)).evidence());
}

TEST(Substring, names_the_field_and_counts_what_nothing_shows) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.docs -> d:main.doc[24], e:main.doc[24]
    d.name -> text:string[2097152]+100~16
    e.name -> other:string[2097152]~20
  )");
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "substring");
  EXPECT_EQ(finding.permanence, Permanence::kTemporary);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_EQ(finding.bytes.bytes(), 2 * 2097152u - 36);
  EXPECT_EQ(finding.count, 2u);
  EXPECT_EQ(finding.type, "string");
  EXPECT_EQ(finding.holder.back().name, "name");
}

TEST(Substring, bytes_that_several_strings_show_count_once) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.docs -> d:main.doc[24], e:main.doc[24], f:main.doc[24]
    d.name -> text:string[2097152]+100~16
    e.name -> text+108~16
    f.name -> text+500~10
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].bytes.bytes(), 2097152u - 24 - 10);
  EXPECT_EQ(findings[0].count, 1u);
}

TEST(Substring, strings_that_together_show_most_of_their_block_are_none) {
  EXPECT_TRUE(findings_in(R"(
    root global main.docs -> d:main.doc[24], e:main.doc[24]
    d.name -> text:string[4194304]~700000
    e.name -> text+2000000~700000
  )")
                  .empty());
}

TEST(Substring, a_block_that_is_held_whole_is_none) {
  EXPECT_TRUE(findings_in(R"(
    root global main.docs -> d:main.doc[24], text:string[4194304]
    d.name -> text+100~16
  )")
                  .empty());
}

TEST(Substring, little_waste_is_not_worth_a_word) {
  EXPECT_TRUE(findings_in(R"(
    root global main.docs -> d:main.doc[24]
    d.name -> text:string[65536]+100~16
  )")
                  .empty());
}

TEST(Substring, a_small_share_of_the_heap_is_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.docs -> d:main.doc[24]
    d.name -> text:string[2097152]+100~16
    root global main.cache -> c:main.cache[67108864]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

TEST(Substring, what_only_looks_like_a_string_is_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.x -> x:?[24]
    x@0 -> text:string[4194304]+100~16
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

TEST(Substring, the_remedy_is_one_that_the_release_has) {
  test::DrawnEvidence drawn(with_types(R"(
    root global main.docs -> d:main.doc[24]
    d.name -> text:string[4194304]+100~16
  )"));
  std::string old = find_substrings(drawn.evidence()).at(0).remedy;
  EXPECT_EQ(old.find("strings.Clone"), std::string::npos) << old;
  EXPECT_NE(old.find("string([]byte(s))"), std::string::npos) << old;
  drawn.drawing.snapshot.library.strings_clone = true;
  std::string clone = find_substrings(drawn.evidence()).at(0).remedy;
  EXPECT_NE(clone.find("strings.Clone(s)"), std::string::npos) << clone;
}

}  // namespace
}  // namespace seep::analysis
