// Rules about memory that Go manages, each beside a program that is healthy.
#include <gtest/gtest.h>

#include "support/drawn_resident.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;
using test::DrawnResident;
using test::kMiB;

bool says(const Finding& finding, const std::string& words) {
  for (const EvidenceLine& line : finding.evidence)
    if (line.text.find(words) != std::string::npos) return true;
  return finding.remedy.find(words) != std::string::npos;
}

TEST(LazyReturn, what_was_given_back_and_not_taken_is_the_cause) {
  DrawnResident drawn(1650, {{Resident::kReturnedLazily, 1430}});
  drawn.go_version = "go1.13.15";
  drawn.facts().returns_lazily = drawn.facts().can_return_at_once = true;
  drawn.facts().later.returns_at_once = "Go 1.16";
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-lazy-free");
  EXPECT_EQ(finding.bytes.bytes(), 1430 * kMiB);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_TRUE(says(finding, "Go 1.13.15"));
  EXPECT_TRUE(says(finding, "GODEBUG=madvdontneed=1"));
  EXPECT_TRUE(says(finding, "debug.FreeOSMemory does not help"));
}

TEST(LazyReturn, who_has_chosen_it_is_told_to_choose_otherwise) {
  DrawnResident drawn(1650, {{Resident::kReturnedLazily, 1430}});
  drawn.facts().returns_lazily = true;
  EXPECT_TRUE(says(drawn.first(), "take madvdontneed=0 out of GODEBUG"));
}

TEST(LazyReturn, a_little_of_it_is_ordinary) {
  EXPECT_TRUE(DrawnResident(400, {{Resident::kReturnedLazily, 12}}).causes().empty());
  EXPECT_EQ(DrawnResident(400, {{Resident::kReturnedLazily, 60}}).first().confidence,
            Confidence::kPossible);
}

TEST(HeapGoal, a_raised_goal_holds_garbage) {
  DrawnResident drawn(520, {{Resident::kHeapGarbage, 400}});
  drawn.facts().go.gc_percent = 400;
  drawn.facts().go.heap_goal = 600 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-heap-goal");
  EXPECT_EQ(finding.bytes.bytes(), 400 * kMiB);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_TRUE(says(finding, "GOGC is 400"));
}

TEST(HeapGoal, as_much_garbage_as_there_is_live_heap_is_how_go_works) {
  Finding finding = DrawnResident(1000, {{Resident::kHeapGarbage, 480}}).first();
  EXPECT_EQ(finding.scenario, "rss-heap-goal");
  EXPECT_TRUE(finding.informational);
  EXPECT_EQ(finding.confidence, Confidence::kPossible);
}

TEST(HeapGoal, without_a_look_at_objects_what_is_new_since_the_last_collection_is_garbage) {
  DrawnResident drawn(500, {});
  drawn.reading.memory.heap_divided = false;
  drawn.facts().go.gc_percent = -1;
  drawn.facts().go.heap_live = 450 * kMiB;
  drawn.facts().go.heap_marked = 50 * kMiB;
  EXPECT_EQ(drawn.first().bytes.bytes(), 400 * kMiB);
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
}

TEST(HeapGoal, what_no_collection_has_judged_may_live) {
  DrawnResident drawn(520, {{Resident::kHeapGarbage, 400}});
  drawn.facts().go.gc_percent = 400;
  drawn.reading.memory.unjudged_bytes = 390 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.confidence, Confidence::kPossible);
  EXPECT_TRUE(finding.title.starts_with("up to 400 MiB"));
  drawn.reading.memory.unjudged_bytes = 50 * kMiB;
  EXPECT_EQ(drawn.first().confidence, Confidence::kLikely);
}

TEST(PastPeak, free_heap_beyond_what_is_needed_soon_is_left_from_a_peak) {
  DrawnResident drawn(700, {{Resident::kHeapFree, 600}});
  drawn.facts().go.heap_goal = 200 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-past-peak");
  EXPECT_EQ(finding.bytes.bytes(), 600 * kMiB);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_TRUE(says(finding, "debug.FreeOSMemory"));
  EXPECT_TRUE(says(finding, "forces a collection"));
}

TEST(PastPeak, a_runtime_that_returns_lazily_is_not_advised_to_free) {
  DrawnResident drawn(700, {{Resident::kHeapFree, 600}});
  drawn.facts().go.heap_goal = 200 * kMiB;
  drawn.facts().returns_lazily = true;
  drawn.facts().later.returns_at_once = "Go 1.16";
  EXPECT_TRUE(says(drawn.first(), "debug.FreeOSMemory alone does not lower it"));
}

TEST(PastPeak, what_the_heap_needs_again_before_the_next_collection_is_no_peak) {
  DrawnResident drawn(1000, {{Resident::kHeapFree, 500}});
  drawn.facts().go.heap_goal = 980 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(PastPeak, a_heap_that_is_now_larger_now_smaller_is_no_fault) {
  DrawnResident drawn(300, {{Resident::kHeapFree, 200}});
  drawn.facts().go.heap_goal = 170 * kMiB;
  EXPECT_EQ(drawn.first().scenario, "rss-past-peak");
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
}

TEST(FragmentedSpans, few_objects_in_many_spans_are_told) {
  DrawnResident drawn(900, {{Resident::kHeapWaste, 700}});
  drawn.facts().occupancy = {100'000, 850 * kMiB, 90'000, 720 * kMiB, 40 * kMiB};
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-fragmented-spans");
  EXPECT_EQ(finding.bytes.bytes(), 680 * kMiB);
  EXPECT_EQ(finding.count, 90'000u);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
}

TEST(FragmentedSpans, room_that_is_filled_until_the_next_collection_is_no_fault) {
  DrawnResident drawn(900, {{Resident::kHeapWaste, 400}});
  drawn.facts().occupancy = {100'000, 850 * kMiB, 50'000, 450 * kMiB, 50 * kMiB};
  drawn.facts().go.heap_goal = 900 * kMiB;
  EXPECT_EQ(drawn.first().scenario, "rss-fragmented-spans");
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
  drawn.facts().go.heap_goal = 400 * kMiB;
  EXPECT_EQ(drawn.first().confidence, Confidence::kLikely);
}

TEST(FragmentedSpans, full_spans_with_some_room_are_ordinary) {
  DrawnResident drawn(900, {{Resident::kHeapWaste, 80}});
  drawn.facts().occupancy = {100'000, 850 * kMiB, 500, 4 * kMiB, kMiB / 2};
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(KeptStacks, stacks_that_were_deep_once_are_told_with_what_they_need_now) {
  DrawnResident drawn(4000, {{Resident::kStacks, 3200}});
  drawn.facts().go.goroutines = 100'000;
  drawn.facts().stacks_needed = 200 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-stacks");
  EXPECT_EQ(finding.bytes.bytes(), 3000 * kMiB);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_EQ(finding.count, 100'000u);
}

TEST(KeptStacks, stacks_that_are_in_use_are_no_waste) {
  DrawnResident drawn(1000, {{Resident::kStacks, 800}});
  drawn.facts().go.goroutines = 100'000;
  drawn.facts().stacks_needed = 790 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(KeptStacks, without_a_look_at_them_it_is_a_possibility) {
  DrawnResident drawn(1000, {{Resident::kStacks, 800}});
  drawn.facts().go.goroutines = 100'000;
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
}

TEST(DeadGoroutines, what_a_peak_of_goroutines_left_is_permanent) {
  DrawnResident drawn(400, {});
  drawn.facts().dead_goroutines = 500'000;
  drawn.facts().goroutine_struct_bytes = 448;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-dead-goroutines");
  EXPECT_EQ(finding.bytes.bytes(), 500'000u * 448);
  EXPECT_EQ(finding.permanence, Permanence::kPermanent);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
}

TEST(DeadGoroutines, some_thousands_are_ordinary) {
  DrawnResident drawn(400, {});
  drawn.facts().dead_goroutines = 5'000;
  drawn.facts().goroutine_struct_bytes = 448;
  EXPECT_TRUE(drawn.causes().empty());
  drawn.facts().dead_goroutines = ~0ull;  // of a file that lies
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(HugePages, what_they_fill_again_is_told_with_the_way_out) {
  DrawnResident drawn(600, {{Resident::kHugeExcess, 300}});
  drawn.facts().huge_pages = 500 * kMiB;
  drawn.facts().can_decline_huge_pages = true;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-huge-pages");
  EXPECT_EQ(finding.bytes.bytes(), 300 * kMiB);
  EXPECT_TRUE(says(finding, "max_ptes_none"));
  EXPECT_TRUE(says(finding, "disablethp=1"));
  drawn.facts().asks_for_huge_pages = true;
  drawn.facts().later.leaves_huge_pages = "Go 1.21.4";
  EXPECT_TRUE(says(drawn.first(), "build with Go 1.21.4 or later"));
}

TEST(HugePages, those_that_are_full_are_no_waste) {
  DrawnResident drawn(600, {});
  drawn.facts().huge_pages = 500 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(RuntimeTables, tables_and_profiles_that_are_large_are_told) {
  EXPECT_EQ(DrawnResident(600, {{Resident::kMetadata, 300}}).first().scenario, "rss-metadata");
  EXPECT_EQ(DrawnResident(600, {{Resident::kProfileBuckets, 300}}).first().scenario,
            "rss-profile-buckets");
}

TEST(RuntimeTables, those_of_a_large_heap_are_ordinary) {
  Finding finding = DrawnResident(4000, {{Resident::kMetadata, 250}}).first();
  EXPECT_TRUE(finding.informational);
  EXPECT_TRUE(DrawnResident(4000, {{Resident::kProfileBuckets, 10}}).causes().empty());
}

}  // namespace
}  // namespace seep::analysis
