// seep ps against what real programs say of themselves.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "pipeline/process_list.h"
#include "procfs/process_status.h"
#include "support/seep_command.h"
#include "support/target_process.h"
#include "target/freeze.h"

namespace seep::test {
namespace {

using analysis::ProcessReport;
using analysis::ProcessRow;
using Json = nlohmann::json;

std::string newest_go() { return go_versions().back(); }

/// The row of a process in a list made now; nothing if it has none.
std::optional<ProcessRow> row_of(pid_t pid) {
  Result<ProcessReport> report = pipeline::list_go_processes();
  if (!report) return std::nullopt;
  for (const ProcessRow& row : report->rows) {
    if (row.pid == static_cast<std::uint32_t>(pid)) return row;
  }
  return std::nullopt;
}

void expect_truth(const TargetProcess& target) {
  Json truth = Json::parse(target.truth());
  std::optional<ProcessRow> row = row_of(target.pid());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->goroutines, truth["goroutines"].get<std::uint64_t>());
  ASSERT_TRUE(row->heap_live);
  EXPECT_EQ(row->heap_live->bytes(), truth["heap_live"].get<std::uint64_t>());
  EXPECT_GT(row->rss.bytes(), 1u << 20);
}

class PsTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, PsTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(PsTest, figures_are_the_runtimes_own) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("ps_figures", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  for (int i = 0; i < 5; ++i) {
    expect_truth(*target);
    ASSERT_TRUE(target->step());
  }
  std::optional<ProcessRow> row = row_of(target->pid());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->program, "ps_figures");
  EXPECT_EQ(row->go_version.substr(0, 2 + GetParam().size()), "go" + GetParam());
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST_P(PsTest, position_independent_programs_are_read_too) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("ps_figures", GetParam(), {{"-buildmode=pie"}, {}});
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  expect_truth(*target);
}

TEST_P(PsTest, memory_limit_of_the_runtime_is_a_limit) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  std::string reason = too_old("ps_figures/limit", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  Result<std::string> program = build_target("ps_figures", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  TargetProcess::Options options;
  options.environment = {"GOMEMLIMIT=64MiB"};
  Result<TargetProcess> target = TargetProcess::start(*program, {}, options);
  ASSERT_TRUE(target) << target.error().message;
  std::optional<ProcessRow> row = row_of(target->pid());
  ASSERT_TRUE(row);
  EXPECT_EQ(row->limit, ByteSize(64u << 20));
  EXPECT_EQ(row->limit_source, "gomemlimit");
}

TEST_P(PsTest, a_program_that_never_rests_has_figures) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("goroutine_churn", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  for (int i = 0; i < 50; ++i) {
    std::optional<ProcessRow> row = row_of(target->pid());
    ASSERT_TRUE(row);
    ASSERT_TRUE(row->goroutines && row->heap_live);
    // Eight workers, each with up to twenty more, and main.
    EXPECT_LE(*row->goroutines, 400u);
    EXPECT_LT(row->heap_live->bytes(), std::uint64_t{1} << 30);
  }
}

TEST(PsTest, a_stripped_program_has_figures_too) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go(), {{"-ldflags=-s -w"}, {}});
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  CommandResult result = run_seep({"ps", "--json"});
  EXPECT_EQ(result.status, 0);
  bool found = false;
  Json report = Json::parse(result.out);
  for (const Json& row : report["processes"]) {
    if (row["pid"] != target->pid()) continue;
    found = true;
    EXPECT_EQ(row["program"], "block");
    EXPECT_GT(row["heap_live_bytes"], 0);
    EXPECT_GE(row["goroutines"], 1);
    EXPECT_GT(row["rss_bytes"], 0);
  }
  EXPECT_TRUE(found) << result.out;
}

TEST(PsTest, a_copy_that_is_being_looked_at_is_no_process) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("ps_figures", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  Result<target::Freeze> frozen = target::freeze(target->pid(), {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  Result<ProcessReport> report = pipeline::list_go_processes();
  ASSERT_TRUE(report);
  for (const ProcessRow& row : report->rows) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(static_cast<pid_t>(row.pid));
    EXPECT_FALSE(stat && stat->parent == target->pid()) << row.pid;
  }
  EXPECT_TRUE(row_of(target->pid()));
}

TEST(PsTest, programs_that_are_not_go_are_absent) {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<TargetProcess> sleeper = TargetProcess::start("/bin/sleep", {"1000"}, options);
  ASSERT_TRUE(sleeper) << sleeper.error().message;
  EXPECT_FALSE(row_of(sleeper->pid()));
  EXPECT_FALSE(row_of(getpid()));
}

TEST(PsTest, largest_comes_first_and_lines_fit) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> small = build_target("block", newest_go());
  Result<std::string> large = build_target("ps_figures", newest_go());
  ASSERT_TRUE(small && large);
  Result<TargetProcess> first = TargetProcess::start(*small);
  Result<TargetProcess> second = TargetProcess::start(*large);
  ASSERT_TRUE(first && second);
  CommandResult result = run_seep({"ps"});
  EXPECT_EQ(result.status, 0);
  std::size_t small_at = result.out.find(std::to_string(first->pid()) + "  block");
  std::size_t large_at = result.out.find(std::to_string(second->pid()) + "  ps_figures");
  ASSERT_NE(small_at, std::string::npos) << result.out;
  ASSERT_NE(large_at, std::string::npos) << result.out;
  EXPECT_LT(large_at, small_at) << result.out;
}

TEST(PsTest, another_user_sees_only_what_is_his) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can run seep as other users";
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> roots = TargetProcess::start(*program);
  ASSERT_TRUE(roots) << roots.error().message;
  constexpr unsigned kNobodyElse = 64999;  // a user without any process
  CommandResult text = run_seep_as(kNobodyElse, {"ps"});
  EXPECT_EQ(text.status, 0);
  EXPECT_EQ(text.out, "no Go process is running that this user may see\n");
  EXPECT_NE(text.err.find("run as root"), std::string::npos) << text.err;
  CommandResult json = run_seep_as(kNobodyElse, {"ps", "--json"});
  EXPECT_EQ(json.status, 0);
  EXPECT_TRUE(Json::parse(json.out)["processes"].empty());
}

TEST(PsTest, processes_that_come_and_go_do_no_harm) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> steady = TargetProcess::start(*program);
  ASSERT_TRUE(steady) << steady.error().message;
  std::atomic<bool> done = false;
  std::thread others([&] {
    while (!done) {
      TargetProcess::Options options;
      options.wait_until_ready = false;
      Result<TargetProcess> passing = TargetProcess::start(*program, {}, options);
      EXPECT_TRUE(passing);
    }
  });
  for (int i = 0; i < 200; ++i) {
    Result<ProcessReport> report = pipeline::list_go_processes();
    EXPECT_TRUE(report);
    if (!report) break;
    bool found = false;
    for (const ProcessRow& row : report->rows) {
      EXPECT_FALSE(row.program.empty() || row.go_version.empty());
      if (row.pid != static_cast<std::uint32_t>(steady->pid())) continue;
      found = true;
      // main alone.
      EXPECT_EQ(row.goroutines, 1u);
    }
    EXPECT_TRUE(found);
  }
  done = true;
  others.join();
}

}  // namespace
}  // namespace seep::test
