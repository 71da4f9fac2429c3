#include "procfs/process_status.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "procfs/proc_file.h"

namespace seep::procfs {
namespace {

const char* const kStatTail =
    " S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 12345 100 200 300 1 2 3 4 5 6 7 8 9 0 0 0 17 1 "
    "0 0 0 0 0 1 2 3 4 5 6 7 256\n";

TEST(ProcessStat, takes_a_name_with_blanks_and_parentheses) {
  Result<ProcessStat> stat = parse_stat(std::string("42 (a) b (c)") + kStatTail);
  ASSERT_TRUE(stat) << stat.error().message;
  EXPECT_EQ(stat->pid, 42);
  EXPECT_EQ(stat->name, "a) b (c");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_EQ(stat->parent, 7);
  EXPECT_EQ(stat->threads, 9);
  EXPECT_EQ(stat->start_ticks, 12345u);
  EXPECT_EQ(stat->exit_signal, 17);
  EXPECT_EQ(stat->exit_code, 256);
  EXPECT_FALSE(stat->is_kernel_thread() || stat->is_zombie());
}

TEST(ProcessStat, refuses_what_is_not_a_stat_line) {
  for (const char* text : {"", ")", "1 (", "1 (a", "1 ()", ") (1", "1 (a) S 1 2 3", "x (a) S"}) {
    EXPECT_FALSE(parse_stat(text)) << text;
  }
}

TEST(ProcessStatus, takes_the_fields_that_are_there) {
  ProcessStatus status = parse_status(
      "Name:\tmy prog\nTgid:\t12\nTracerPid:\t5\nUid:\t1000\t1001\t1000\t1000\nThreads:\t8\n"
      "NSpid:\t12\t3\nVmRSS:\t  2048 kB\nRssAnon:\t 1024 kB\nSeccomp:\t2\nSeccomp_filters:\t1\n");
  EXPECT_EQ(status.name, "my prog");
  EXPECT_EQ(status.thread_group, 12);
  EXPECT_EQ(status.tracer, 5);
  EXPECT_EQ(status.uid, 1001u);
  EXPECT_EQ(status.threads, 8u);
  EXPECT_EQ(status.namespace_pids, (std::vector<pid_t>{12, 3}));
  EXPECT_EQ(status.resident.bytes(), 2048u * 1024);
  EXPECT_EQ(status.resident_anonymous.bytes(), 1024u * 1024);
  EXPECT_EQ(status.seccomp_mode, 2);
}

TEST(ProcessStatus, survives_nonsense) {
  ProcessStatus status = parse_status("Uid:\nNSpid: x\nVmRSS: 99999999999999999999 kB\n:\n\n:::");
  EXPECT_EQ(status.uid, 0u);
  EXPECT_TRUE(status.namespace_pids.empty());
}

TEST(ProcessStatus, of_this_process_agrees_with_the_kernel) {
  Result<ProcessStat> stat = read_stat(getpid());
  ASSERT_TRUE(stat) << stat.error().message;
  EXPECT_EQ(stat->parent, getppid());
  Result<ProcessStatus> status = read_status(getpid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->uid, geteuid());
  EXPECT_GT(status->resident.bytes(), 0u);
  Result<double> uptime = read_uptime_seconds(*stat);
  ASSERT_TRUE(uptime);
  EXPECT_LT(*uptime, 3600);
}

TEST(ProcessStatus, kernel_threads_are_told_apart) {
  Result<ProcessStat> stat = read_stat(2);
  if (!stat || stat->name != "kthreadd") GTEST_SKIP() << "no kernel threads to be seen here";
  EXPECT_TRUE(stat->is_kernel_thread());
}

TEST(ProcFile, lists_this_process_and_its_threads) {
  std::vector<pid_t> processes = list_processes().value();
  EXPECT_TRUE(std::binary_search(processes.begin(), processes.end(), getpid()));
  EXPECT_EQ(list_threads(getpid()).value(), std::vector<pid_t>{getpid()});
  EXPECT_EQ(list_threads(0x3ffffff).error().kind, ErrorKind::kNotFound);
}

TEST(ProcFile, cuts_at_the_limit) {
  EXPECT_EQ(read_proc_file("/proc/self/maps", 10)->size(), 10u);
  EXPECT_EQ(read_proc_file("/proc/nothing").error().kind, ErrorKind::kNotFound);
}

TEST(ParseUptime, refuses_nonsense) {
  EXPECT_DOUBLE_EQ(*parse_uptime("12.50 3.2\n"), 12.5);
  EXPECT_FALSE(parse_uptime(""));
  EXPECT_FALSE(parse_uptime("x"));
}

}  // namespace
}  // namespace seep::procfs
