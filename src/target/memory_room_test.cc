#include "target/memory_room.h"

#include <gtest/gtest.h>

namespace seep::target {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

procfs::MemoryLimits limits(std::uint64_t host_mib, std::optional<std::uint64_t> cgroup_mib) {
  procfs::MemoryLimits limits;
  limits.host.total = ByteSize(16384 * kMiB);
  limits.host.available = ByteSize(host_mib * kMiB);
  if (cgroup_mib) limits.cgroup_room = ByteSize(*cgroup_mib * kMiB);
  return limits;
}

TEST(MemoryRoom, a_service_at_four_fifths_of_its_limit_may_be_copied) {
  EXPECT_FALSE(lack_of_room(ByteSize(820 * kMiB), limits(4000, 204)));
}

TEST(MemoryRoom, a_service_at_its_limit_may_not) {
  std::optional<std::string> lack = lack_of_room(ByteSize(1000 * kMiB), limits(4000, 24));
  ASSERT_TRUE(lack);
  EXPECT_NE(lack->find("cgroup"), std::string::npos);
}

TEST(MemoryRoom, a_full_host_is_named) {
  std::optional<std::string> lack = lack_of_room(ByteSize(1000 * kMiB), limits(24, std::nullopt));
  ASSERT_TRUE(lack);
  EXPECT_NE(lack->find("host"), std::string::npos);
  procfs::MemoryLimits with_swap = limits(24, std::nullopt);
  with_swap.host.swap_free = ByteSize(4000 * kMiB);
  EXPECT_FALSE(lack_of_room(ByteSize(1000 * kMiB), with_swap));
}

TEST(MemoryRoom, unknown_figures_forbid_nothing) {
  EXPECT_FALSE(lack_of_room(ByteSize(1000 * kMiB), procfs::MemoryLimits{}));
}

}  // namespace
}  // namespace seep::target
