#include "monitor/memory_groups.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/seep_command.h"

namespace seep::monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

class MemoryGroupsTest : public testing::Test {
 protected:
  /// A group as version 2 shows it.
  procfs::MemoryGroup group(const std::string& name, const std::string& limit, int usage, int cache,
                            int kills) {
    std::string path = folder.file(name);
    std::filesystem::create_directory(path);
    write(path + "/memory.max", limit);
    write(path + "/memory.current", std::to_string(usage));
    write(path + "/memory.stat", "anon 1\ninactive_file " + std::to_string(cache) + "\n");
    write(path + "/memory.events", "low 0\noom_kill " + std::to_string(kills) + "\n");
    return {path, true};
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path) << text << "\n";
  }
  ProcessSample read(const GroupsOfProcess& groups, std::int64_t second, bool anew = false) {
    ProcessSample sample;
    sample.monotonic_ns = second * kSecond;
    memory.read(groups, anew, sample);
    return sample;
  }

  test::TemporaryFolder folder;
  MemoryGroups memory;
};

TEST_F(MemoryGroupsTest, usage_and_limit_are_the_tightest_groups_and_kills_its_own) {
  GroupsOfProcess groups{group("own", "max", 100, 10, 3), group("pod", "5000", 700, 50, 9)};
  ProcessSample sample = read(groups, 1);
  EXPECT_EQ(sample[Figure::kCgroupUsage], 700);
  EXPECT_EQ(sample[Figure::kCgroupWorkingSet], 650);
  EXPECT_EQ(sample[Figure::kCgroupLimit], 5000);
  EXPECT_EQ(sample[Figure::kCgroupOomKills], 3);
}

TEST_F(MemoryGroupsTest, usage_is_read_each_round_and_the_rest_seldom) {
  procfs::MemoryGroup own = group("own", "5000", 700, 50, 0);
  GroupsOfProcess groups{own, own};
  read(groups, 1);
  group("own", "6000", 800, 60, 1);
  ProcessSample sample = read(groups, 2);
  EXPECT_EQ(sample[Figure::kCgroupUsage], 800);
  EXPECT_EQ(sample[Figure::kCgroupLimit], 5000);
  EXPECT_EQ(sample[Figure::kCgroupOomKills], 0);
  sample = read(groups, 12);
  EXPECT_EQ(sample[Figure::kCgroupLimit], 6000);
  EXPECT_EQ(sample[Figure::kCgroupWorkingSet], 740);
}

TEST_F(MemoryGroupsTest, at_the_end_of_a_process_kills_are_counted_anew) {
  procfs::MemoryGroup own = group("own", "5000", 700, 50, 0);
  GroupsOfProcess groups{own, own};
  read(groups, 1);
  group("own", "5000", 100, 50, 1);
  EXPECT_EQ(read(groups, 2)[Figure::kCgroupOomKills], 0);
  EXPECT_EQ(read(groups, 3, true)[Figure::kCgroupOomKills], 1);
}

TEST_F(MemoryGroupsTest, a_group_that_is_gone_has_no_figures) {
  procfs::MemoryGroup own = group("own", "5000", 700, 50, 0);
  GroupsOfProcess groups{own, own};
  read(groups, 1);
  std::filesystem::remove_all(own.folder);
  ProcessSample sample = read(groups, 12);
  EXPECT_FALSE(sample[Figure::kCgroupUsage]);
  EXPECT_FALSE(sample[Figure::kCgroupLimit]);
  EXPECT_FALSE(read(groups, 13)[Figure::kCgroupUsage]);
}

TEST_F(MemoryGroupsTest, no_limit_is_no_figure) {
  procfs::MemoryGroup own = group("own", "max", 700, 50, 0);
  ProcessSample sample = read({own, own}, 1);
  EXPECT_EQ(sample[Figure::kCgroupUsage], 700);
  EXPECT_FALSE(sample[Figure::kCgroupLimit]);
}

}  // namespace
}  // namespace seep::monitor
