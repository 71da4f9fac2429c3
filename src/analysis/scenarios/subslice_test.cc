#include "analysis/scenarios/subslice.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::string with_types(std::string_view drawing) {
  return "type main.packet[24] { header []byte @0 }\n"
         "type main.point[16] { x int @0; y int @8 }\n"
         "type main.track[24] { points []main.point @0 }\n" +
         std::string(drawing);
}

std::vector<Finding> findings_in(std::string_view drawing) {
  return find_subslices(test::DrawnEvidence(with_types(drawing)).evidence());
}

TEST(Subslice, counts_what_reslicing_cannot_reach) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.p -> p:main.packet[24]
    p.header -> bytes:[]byte[2097152]+4096~16/64
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].scenario, "subslice");
  EXPECT_EQ(findings[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].bytes.bytes(), 2097152u - 64);
  EXPECT_EQ(findings[0].holder.back().name, "header");
}

TEST(Subslice, elements_have_their_size) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.t -> t:main.track[24]
    t.points -> row:[]main.point[2097152]+4096~100/100
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].bytes.bytes(), 2097152u - 1600);
}

TEST(Subslice, what_reslicing_could_still_reach_is_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.p -> p:main.packet[24]
    p.header -> bytes:[]byte[2097152]+4096~16/2093056
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
  EXPECT_EQ(findings[0].bytes.bytes(), 2097152u - 16);
}

TEST(Subslice, room_for_more_at_the_end_is_none) {
  EXPECT_TRUE(findings_in(R"(
    root global main.p -> p:main.packet[24]
    p.header -> bytes:[]byte[4194304]~16/4194304
  )")
                  .empty());
}

TEST(Subslice, what_a_pool_keeps_is_only_possible) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.pool:sync.Pool -> p:main.packet[24]
    p.header -> bytes:[]byte[4194304]+8~16/16
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
}

}  // namespace
}  // namespace seep::analysis
