#include "procfs/cgroup.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace seep::procfs {
namespace {

TEST(Cgroup, finds_both_versions) {
  CgroupPaths paths =
      parse_cgroup("9:name=systemd:/x\n4:cpu,memory:/jobs/a:b\n0::/user.slice/app\nnonsense\n5:\n");
  EXPECT_EQ(paths.v1_memory, "/jobs/a:b");
  EXPECT_EQ(paths.unified, "/user.slice/app");
  EXPECT_FALSE(parse_cgroup("").unified);
}

TEST(Cgroup, finds_mounts_with_memory_and_undoes_escapes) {
  std::vector<CgroupMount> mounts = parse_mountinfo(
      "30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
      "31 24 0:27 /docker/x /sys/fs/c\\040g rw - cgroup cgroup rw,memory\n"
      "32 24 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
      "33 24 0:29 / / rw - ext4 /dev/root rw,memory\n"
      "broken line - cgroup2\n- cgroup2 a b\n");
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_TRUE(mounts[0].unified);
  EXPECT_EQ(mounts[0].mount_point, "/sys/fs/cgroup");
  EXPECT_FALSE(mounts[1].unified);
  EXPECT_EQ(mounts[1].root, "/docker/x");
  EXPECT_EQ(mounts[1].mount_point, "/sys/fs/c g");
}

TEST(CgroupMemory, page_cache_counts_as_room) {
  CgroupMemory memory = parse_cgroup_memory("1000\n", "700\n", "anon 5\ninactive_file 200\n");
  EXPECT_EQ(memory.limit, ByteSize(1000));
  EXPECT_EQ(memory.room(), ByteSize(500));
}

TEST(CgroupMemory, no_limit_is_no_limit_in_either_version) {
  EXPECT_FALSE(parse_cgroup_memory("max\n", "700\n", "").limit);
  EXPECT_FALSE(parse_cgroup_memory("9223372036854771712\n", "7\n", "").room());
}

TEST(CgroupMemory, survives_figures_that_contradict_each_other) {
  CgroupMemory memory = parse_cgroup_memory("10\n", "700\n", "inactive_file 9000\n");
  EXPECT_EQ(memory.room(), ByteSize(10));
  EXPECT_EQ(parse_cgroup_memory("10", "700", "").room(), ByteSize(0));
  EXPECT_FALSE(parse_cgroup_memory("", "", "\n\n inactive_file").limit);
}

TEST(CgroupMemory, tells_files_from_shared_memory_in_version_2) {
  CgroupMemory memory = parse_cgroup_memory(
      "max\n", "900\n", "anon 100\nfile 700\nshmem 300\ninactive_file 250\nactive_file 150\n",
      "low 0\nhigh 3\nmax 9\noom 2\noom_kill 1\noom_group_kill 0\n");
  EXPECT_EQ(memory.file, ByteSize(400));
  EXPECT_EQ(memory.shared, ByteSize(300));
  EXPECT_EQ(memory.working_set(), ByteSize(650));
  EXPECT_EQ(memory.oom_kills, 1u);
}

TEST(CgroupMemory, counts_the_groups_below_in_version_1) {
  CgroupMemory memory =
      parse_cgroup_memory("5000\n", "900\n",
                          "cache 1\nshmem 1\ninactive_file 1\ntotal_cache 700\ntotal_shmem 300\n"
                          "total_inactive_file 250\n",
                          "oom_kill_disable 0\nunder_oom 0\noom_kill 4\n");
  EXPECT_EQ(memory.file, ByteSize(400));
  EXPECT_EQ(memory.shared, ByteSize(300));
  EXPECT_EQ(memory.working_set(), ByteSize(650));
  EXPECT_EQ(memory.oom_kills, 4u);
}

TEST(CgroupMemory, does_not_know_what_the_kernel_does_not_say) {
  CgroupMemory memory = parse_cgroup_memory("9", "5", "shmem 7\n", "oom_kill_disable 0\n");
  EXPECT_FALSE(memory.oom_kills);
  EXPECT_EQ(memory.file, ByteSize(0));
}

TEST(Meminfo, takes_kilobytes) {
  HostMemory host = parse_meminfo(
      "MemTotal:       2048 kB\nMemFree: 1 kB\nMemAvailable:    1024 kB\nSwapFree: 4 kB\n");
  EXPECT_EQ(host.total, ByteSize(2048 * 1024));
  EXPECT_EQ(host.available, ByteSize(1024 * 1024));
  EXPECT_EQ(host.swap_free, ByteSize(4096));
}

TEST(MemoryLimits, of_this_process_are_plausible) {
  Result<MemoryLimits> limits = read_memory_limits(getpid());
  ASSERT_TRUE(limits) << limits.error().message;
  EXPECT_GT(limits->host.total.bytes(), 0u);
  EXPECT_LE(limits->host.available, limits->host.total);
  EXPECT_EQ(limits->cgroup_limit.has_value(), limits->cgroup_room.has_value());
}

TEST(MemoryGroups, of_this_process_begin_with_its_own) {
  Result<std::vector<MemoryGroup>> groups = find_memory_groups(getpid());
  ASSERT_TRUE(groups) << groups.error().message;
  if (groups->empty()) GTEST_SKIP() << "no cgroup file system is mounted here";
  for (std::size_t i = 1; i < groups->size(); ++i) {
    if ((*groups)[i].unified != (*groups)[i - 1].unified) continue;
    EXPECT_TRUE((*groups)[i - 1].folder.starts_with((*groups)[i].folder));
  }
  std::optional<CgroupMemory> own = read_memory_group(groups->front());
  if (own) {
    EXPECT_LE(own->working_set(), own->usage);
  }
  EXPECT_FALSE(read_memory_group({"/nowhere", false}));
}

TEST(MemoryLimits, of_no_process_are_not_found) {
  EXPECT_EQ(read_memory_limits(0x3ffffff).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::procfs
