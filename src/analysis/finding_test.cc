#include "analysis/finding.h"

#include <gtest/gtest.h>

namespace seep::analysis {
namespace {

Finding finding_of(const std::string& function, std::uint64_t bytes, Confidence confidence) {
  Finding finding;
  finding.scenario = "hung-goroutine";
  finding.confidence = confidence;
  finding.bytes = ByteSize(bytes);
  finding.count = 1;
  finding.origin.push_back({OriginRole::kBlocked, function, "x.go", 1, ""});
  finding.fingerprint = fingerprint_of(finding);
  return finding;
}

TEST(Finding, the_fingerprint_is_of_names_only_and_stays_the_same_for_ever) {
  Finding finding = finding_of("main.work", 1, Confidence::kProven);
  Finding elsewhere = finding;
  elsewhere.origin[0].line = 99;
  elsewhere.bytes = ByteSize(7);
  EXPECT_EQ(fingerprint_of(elsewhere), finding.fingerprint);
  elsewhere.origin[0].function = "main.other";
  EXPECT_NE(fingerprint_of(elsewhere), finding.fingerprint);
}

TEST(Finding, findings_of_one_fingerprint_are_merged_and_added_up) {
  std::vector<Finding> merged = merge_by_fingerprint({finding_of("a", 10, Confidence::kPossible),
                                                      finding_of("b", 1, Confidence::kProven),
                                                      finding_of("a", 30, Confidence::kLikely)});
  ASSERT_EQ(merged.size(), 2u);
  EXPECT_EQ(merged[0].bytes.bytes(), 40u);
  EXPECT_EQ(merged[0].count, 2u);
  EXPECT_EQ(merged[0].confidence, Confidence::kLikely);
}

Finding held_by(const std::string& variable, std::uint64_t bytes) {
  Finding finding;
  finding.scenario = "subslice";
  finding.bytes = ByteSize(bytes);
  finding.holder = {{HolderKind::kGlobal, variable, "[]*main.packet"},
                    {HolderKind::kField, "header", "[]uint8"}};
  finding.fingerprint = fingerprint_of(finding);
  return finding;
}

TEST(Finding, where_a_nameless_variable_is_does_not_matter_to_the_fingerprint) {
  EXPECT_EQ(held_by(".bss+0x10", 1).fingerprint, held_by(".bss+0x1a40", 1).fingerprint);
  EXPECT_NE(held_by("main.queue", 1).fingerprint, held_by("main.cache", 1).fingerprint);
}

TEST(Finding, two_nameless_variables_are_two_bugs_with_the_same_numbers_in_every_run) {
  std::string first = held_by(".bss+0x10", 1).fingerprint;
  for (std::uint64_t bytes : {1u, 9u}) {
    std::vector<Finding> merged = merge_by_fingerprint(
        {held_by(".bss+0x1a40", 5), held_by(".bss+0xf8", bytes), held_by(".bss+0xf8", bytes)});
    ASSERT_EQ(merged.size(), 2u);
    for (const Finding& finding : merged) {
      bool is_first = finding.holder[0].name == ".bss+0xf8";
      EXPECT_EQ(finding.fingerprint, is_first ? first : first + "-2");
      EXPECT_EQ(finding.bytes.bytes(), is_first ? 2 * bytes : 5);
    }
  }
}

TEST(Finding, the_surest_comes_first_then_the_largest_and_information_last) {
  Finding information = finding_of("info", 1000, Confidence::kProven);
  information.informational = true;
  std::vector<Finding> findings = {information, finding_of("small", 1, Confidence::kProven),
                                   finding_of("large", 5, Confidence::kProven),
                                   finding_of("unsure", 100, Confidence::kPossible)};
  rank(findings);
  EXPECT_EQ(findings[0].origin[0].function, "large");
  EXPECT_EQ(findings[1].origin[0].function, "small");
  EXPECT_EQ(findings[2].origin[0].function, "unsure");
  EXPECT_TRUE(findings[3].informational);
}

}  // namespace
}  // namespace seep::analysis
