#include "analysis/scenarios/large_retainer.h"

#include <gtest/gtest.h>

#include "analysis/holder_path.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

std::vector<Finding> findings_in(std::string_view text) {
  return find_large_retainers(test::DrawnEvidence(text).evidence());
}

TEST(LargeRetainer, names_the_variable_and_the_way_down_to_the_bytes) {
  std::vector<Finding> findings = findings_in(R"(
    type main.cache[16] { entry *main.session @0 }
    type main.session[48] { id string @0; buf []byte @16 }
    root global main.sessions:*main.cache -> c:main.cache[16]
    c.entry -> s:main.session[48]
    s.buf -> b:[]byte[2097152]
    root global main.small -> x:main.small[1024]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].scenario, "large-retainer");
  EXPECT_EQ(findings[0].confidence, Confidence::kPossible);
  EXPECT_EQ(findings[0].bytes.bytes(), 16u + 48 + 2097152);
  EXPECT_EQ(findings[0].count, 3u);
  EXPECT_EQ(to_text(findings[0].holder),
            "main.sessions *main.cache → .entry *main.session → .buf []byte");
  EXPECT_EQ(findings[0].type, "[]byte");
}

TEST(LargeRetainer, a_variable_without_a_name_has_the_type_of_what_it_points_to) {
  std::vector<Finding> findings = findings_in(R"(
    type main.cache[16] { entry *main.session @0 }
    type main.session[48] { buf []byte @16 }
    root global .bss+0x1a40 -> c:main.cache[16]
    c.entry -> s:main.session[48]
    s.buf -> b:[]byte[2097152]
  )");
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(to_text(findings[0].holder),
            ".bss+0x1a40 (*main.cache) → .entry *main.session → .buf []byte");
}

TEST(LargeRetainer, a_list_is_one_level_however_long_it_is) {
  std::string text = R"(
    type main.node[32] { next *main.node @0; payload []byte @8 }
    root global main.head:*main.node -> n0:main.node[32]
    n0.payload -> p0:[]byte[262144]
  )";
  for (int i = 1; i < 20; ++i) {
    std::string n = "n" + std::to_string(i), before = "n" + std::to_string(i - 1);
    text += before + ".next -> " + n + ":main.node[32]\n";
    text += n + ".payload -> p" + std::to_string(i) + ":[]byte[262144]\n";
  }
  std::vector<Finding> findings = findings_in(text);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(to_text(findings[0].holder), "main.head *main.node → .payload []byte");
}

TEST(LargeRetainer, what_two_roots_share_is_reached_by_a_path_from_one_of_them) {
  std::vector<Finding> findings = findings_in(R"(
    goroutine 7 running in main.work -> s=s:main.session[64]
    root global main.last:*main.session -> s
    s.buf -> b:[]byte[2097152]
  )");
  ASSERT_EQ(findings.size(), 1u);
  ASSERT_FALSE(findings[0].holder.empty());
  EXPECT_EQ(findings[0].holder[0].name, "main.last");
}

TEST(LargeRetainer, small_heaps_and_small_shares_are_not_worth_a_word) {
  EXPECT_TRUE(findings_in("root global main.x -> x:[]byte[4096]").empty());
}

TEST(LargeRetainer, goroutines_that_hang_are_another_finding) {
  EXPECT_TRUE(findings_in(R"(
    goroutine 7 waiting chan c:chan int[96] in main.work -> c, b:[]byte[2097152]
  )")
                  .empty());
}

TEST(LargeRetainer, shows_the_stack_that_allocated_most_of_it) {
  std::vector<Finding> findings = findings_in(R"(
    root global main.cache -> a:[][]byte[64]
    a[0] -> b:[]byte[1048576]
    a[1] -> c:[]byte[1048576]
    sample b in runtime.mallocgc in main.fill@fill.go:12 in main.main
    sample c in runtime.mallocgc in main.fill@fill.go:12 in main.main
  )");
  ASSERT_EQ(findings.size(), 1u);
  ASSERT_FALSE(findings[0].origin.empty());
  EXPECT_EQ(findings[0].origin[0].function, "main.fill");
  EXPECT_EQ(findings[0].origin[0].role, OriginRole::kAllocated);
}

TEST(LargeRetainer, the_fingerprint_does_not_depend_on_what_was_sampled) {
  const char* without = R"(
    root global main.cache -> b:[]byte[1048576]
  )";
  const char* with = R"(
    root global main.cache -> b:[]byte[1048576]
    sample b in main.fill
  )";
  EXPECT_EQ(findings_in(without).at(0).fingerprint, findings_in(with).at(0).fingerprint);
}

}  // namespace
}  // namespace seep::analysis
