// Rules about memory beside the Go heap, and about limits, each beside a program that is healthy.
#include <gtest/gtest.h>

#include "support/drawn_resident.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;
using test::DrawnResident;
using test::kMiB;

TEST(CMemory, what_c_allocates_is_told_with_what_go_has) {
  DrawnResident drawn(560, {{Resident::kCMemory, 500}});
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-c-memory");
  EXPECT_EQ(finding.bytes.bytes(), 500 * kMiB);
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_NE(finding.remedy.find("MALLOC_ARENA_MAX"), std::string::npos);
}

TEST(CMemory, that_of_a_program_without_go_is_its_heap) {
  DrawnResident drawn(560, {{Resident::kCMemory, 500}});
  drawn.go_version.clear();
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(CMemory, a_little_is_ordinary) {
  EXPECT_TRUE(DrawnResident(560, {{Resident::kCMemory, 15}}).causes().empty());
}

TEST(OwnMappings, memory_that_the_program_maps_is_told) {
  EXPECT_EQ(DrawnResident(560, {{Resident::kOwnMappings, 500}}).first().scenario,
            "rss-own-mappings");
  EXPECT_TRUE(DrawnResident(560, {{Resident::kOwnMappings, 4}}).causes().empty());
}

TEST(ThreadStacks, stacks_of_many_threads_are_told) {
  DrawnResident drawn(900, {{Resident::kThreadStacks, 600}});
  drawn.facts().threads = 900;
  EXPECT_EQ(drawn.first().scenario, "rss-thread-stacks");
  EXPECT_EQ(drawn.first().count, 900u);
  EXPECT_TRUE(DrawnResident(900, {{Resident::kThreadStacks, 2}}).causes().empty());
}

TEST(MappedFiles, they_are_no_fault_however_large) {
  DrawnResident drawn(1100, {{Resident::kMappedFiles, 1024}});
  drawn.facts().largest_mapped = snapshot::LargestFile{"/data/bolt.db", 1024 * kMiB};
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-mapped-files");
  EXPECT_EQ(finding.bytes.bytes(), 1024 * kMiB);
  EXPECT_TRUE(finding.informational);
  EXPECT_EQ(finding.evidence.front().text, "/data/bolt.db, 1.00 GiB");
}

TEST(PageCache, that_of_the_container_is_no_fault) {
  DrawnResident drawn(50, {});
  drawn.facts().cgroup_usage = 760 * kMiB;
  drawn.facts().cgroup_limit = 800 * kMiB;
  drawn.facts().cgroup_file = 700 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-page-cache");
  EXPECT_EQ(finding.bytes.bytes(), 700 * kMiB);
  EXPECT_TRUE(finding.informational);
  drawn.facts().cgroup_limit.reset();
  EXPECT_TRUE(drawn.causes().empty());
  drawn.facts().cgroup_limit = 9000 * kMiB;
  drawn.facts().cgroup_usage = 8000 * kMiB;  // that of others
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(SharedMemory, what_lives_in_memory_is_told) {
  DrawnResident drawn(300, {{Resident::kSharedMemory, 256}});
  EXPECT_EQ(drawn.first().scenario, "rss-shared-memory");
  EXPECT_EQ(drawn.first().confidence, Confidence::kLikely);
  EXPECT_TRUE(DrawnResident(300, {{Resident::kSharedMemory, 8}}).causes().empty());
}

TEST(SharedMemory, files_that_nobody_maps_are_a_possibility) {
  DrawnResident drawn(50, {});
  drawn.facts().cgroup_usage = 400 * kMiB;
  drawn.facts().cgroup_limit = 800 * kMiB;
  drawn.facts().cgroup_shared = 300 * kMiB;
  EXPECT_EQ(drawn.first().scenario, "rss-tmpfs");
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
  // It is no page cache as well.
  drawn.facts().cgroup_file = 310 * kMiB;
  EXPECT_EQ(drawn.causes().size(), 1u);
}

TEST(Swap, what_is_swapped_out_is_said) {
  DrawnResident drawn(300, {});
  drawn.facts().swap = 200 * kMiB;
  EXPECT_EQ(drawn.first().scenario, "rss-swap");
  EXPECT_TRUE(drawn.first().informational);
  drawn.facts().swap = kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

DrawnResident with_limit(std::uint64_t limit, std::uint64_t marked) {
  DrawnResident drawn(marked + 20, {{Resident::kStacks, 10}, {Resident::kMetadata, 10}});
  drawn.facts().go.memory_limit = limit * kMiB;
  drawn.facts().go.heap_marked = marked * kMiB;
  return drawn;
}

TEST(CloseLimit, a_collector_that_never_rests_is_told) {
  DrawnResident drawn = with_limit(200, 175);
  drawn.facts().collecting_share = 0.45;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-limit-too-close");
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  drawn.facts().collecting_share = 0.03;
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
}

TEST(CloseLimit, a_limit_with_room_is_well) {
  DrawnResident drawn = with_limit(300, 175);
  drawn.facts().collecting_share = 0.45;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(LateCollection, a_goal_beyond_the_container_is_told) {
  DrawnResident drawn(1300, {{Resident::kMetadata, 60}});
  drawn.facts().cgroup_limit = 2048 * kMiB;
  drawn.facts().go.heap_goal = 2000 * kMiB;
  Finding finding = drawn.first();
  EXPECT_EQ(finding.scenario, "rss-late-collection");
  EXPECT_EQ(finding.confidence, Confidence::kLikely);
  EXPECT_NE(finding.remedy.find("GOMEMLIMIT=1843MiB"), std::string::npos);
  // With a limit that is within the container's the collector comes in time.
  drawn.facts().go.memory_limit = 1800 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(LateCollection, a_limit_above_that_of_the_container_is_a_possibility) {
  DrawnResident drawn(300, {});
  drawn.facts().cgroup_limit = 2048 * kMiB;
  drawn.facts().go.heap_goal = 600 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
  drawn.facts().go.memory_limit = 4096 * kMiB;
  EXPECT_EQ(drawn.first().scenario, "rss-late-collection");
  EXPECT_EQ(drawn.first().confidence, Confidence::kPossible);
}

TEST(LateCollection, with_the_collector_off_nothing_comes_in_time) {
  DrawnResident drawn(300, {});
  drawn.facts().cgroup_limit = 2048 * kMiB;
  drawn.facts().go.gc_percent = -1;
  EXPECT_EQ(drawn.first().confidence, Confidence::kLikely);
  EXPECT_NE(drawn.first().remedy.find("set GOGC"), std::string::npos);
  drawn.facts().go.memory_limit = 1800 * kMiB;
  EXPECT_TRUE(drawn.causes().empty());
}

TEST(ResidentRules, the_cause_of_most_bytes_comes_first_and_no_fault_comes_last) {
  DrawnResident drawn(
      2000,
      {{Resident::kCMemory, 600}, {Resident::kReturnedLazily, 700}, {Resident::kMappedFiles, 650}});
  std::vector<Finding> causes = drawn.causes();
  ASSERT_EQ(causes.size(), 3u);
  EXPECT_EQ(causes[0].scenario, "rss-lazy-free");
  EXPECT_EQ(causes[1].scenario, "rss-c-memory");
  EXPECT_EQ(causes[2].scenario, "rss-mapped-files");
  for (const Finding& cause : causes) {
    EXPECT_TRUE(is_about_rss(cause));
    EXPECT_FALSE(cause.remedy.empty());
    EXPECT_EQ(cause.fingerprint, fingerprint_of(cause));
  }
}

TEST(ResidentRules, a_program_whose_memory_is_its_live_heap_has_no_cause) {
  EXPECT_TRUE(
      DrawnResident(8000, {{Resident::kBinary, 20}, {Resident::kStacks, 5}}).causes().empty());
}

}  // namespace
}  // namespace seep::analysis
