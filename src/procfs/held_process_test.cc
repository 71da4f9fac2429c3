#include "procfs/held_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace seep::procfs {
namespace {

TEST(HeldProcess, gauges_are_the_lines_of_status) {
  ProcessGauges gauges = parse_gauges(
      "Name:\tgate way\nState:\tS (sleeping)\nVmRSS:\t    2048 kB\nRssAnon:\t  1024 kB\n"
      "RssFile:\t  1000 kB\nRssShmem:\t    24 kB\nVmSwap:\t      8 kB\nThreads:\t9\nSigQ:\t1/2\n");
  EXPECT_EQ(gauges.resident, 2048u << 10);
  EXPECT_EQ(gauges.anonymous, 1024u << 10);
  EXPECT_EQ(gauges.file, 1000u << 10);
  EXPECT_EQ(gauges.shared, 24u << 10);
  EXPECT_EQ(gauges.swap, 8u << 10);
  EXPECT_EQ(gauges.threads, 9u);
  EXPECT_FALSE(gauges.ended);
}

TEST(HeldProcess, what_a_kernel_does_not_tell_is_absent) {
  ProcessGauges gauges = parse_gauges("Name:\tx\nState:\tZ (zombie)\nThreads:\tmany\n");
  EXPECT_TRUE(gauges.ended);
  EXPECT_FALSE(gauges.resident || gauges.threads);
  EXPECT_FALSE(parse_gauges("VmRSS:\t99999999999999999999 kB\n").resident);
  EXPECT_FALSE(parse_gauges("").ended);
}

TEST(HeldProcess, this_process_is_read) {
  Result<HeldProcess> self = HeldProcess::open(getpid());
  ASSERT_TRUE(self) << self.error().message;
  Result<ProcessGauges> gauges = self->read_gauges();
  ASSERT_TRUE(gauges);
  EXPECT_GT(gauges->resident, 1u << 20);
  EXPECT_EQ(self->read_stat()->pid, getpid());
  EXPECT_EQ(*self->read_executable(), *read_executable_identity(getpid()));
  Result<MemoryFigures> sums = self->read_memory_figures();
  ASSERT_TRUE(sums);
  EXPECT_GT(sums->pss, 0u);
}

TEST(HeldProcess, open_files_are_counted) {
  Result<HeldProcess> self = HeldProcess::open(getpid());
  ASSERT_TRUE(self);
  std::uint64_t before = *self->count_open_files();
  std::vector<int> files;
  for (int i = 0; i < 20; ++i) files.push_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(*self->count_open_files(), before + 20);
  for (int file : files) close(file);
}

TEST(HeldProcess, one_that_has_ended_is_not_found) {
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  Result<HeldProcess> held = HeldProcess::open(child);
  ASSERT_TRUE(held);
  EXPECT_TRUE(held->read_gauges());
  kill(child, SIGKILL);
  siginfo_t ended{};
  waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  // A zombie has no memory, though its folder is there.
  EXPECT_EQ(held->read_gauges().error().kind, ErrorKind::kNotFound);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(held->read_gauges().error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(held->read_stat().error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(held->read_executable().error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(held->count_open_files().error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(HeldProcess::open(child).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::procfs
