// The tests' own ground: real Go programs are built, started, spoken to and reaped.
#include "support/target_process.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace seep::test {
namespace {

class TargetProcessTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, TargetProcessTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(TargetProcessTest, speaks_and_ends_when_stdin_closes) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("block", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  EXPECT_EQ(target->truth(), "{\"pid\":" + std::to_string(target->pid()) + "}");
  EXPECT_TRUE(target->step());
  EXPECT_TRUE(target->alive());
  target->close_stdin();
  Result<int> status = target->wait_exit();
  ASSERT_TRUE(status) << status.error().message;
  EXPECT_EQ(*status, 0);
  EXPECT_FALSE(target->alive());
}

TEST_P(TargetProcessTest, is_killed_and_reaped_at_the_end_of_its_scope) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("block", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  pid_t pid = -1;
  {
    Result<TargetProcess> target = TargetProcess::start(*program);
    ASSERT_TRUE(target) << target.error().message;
    pid = target->pid();
    EXPECT_EQ(kill(pid, 0), 0);
  }
  EXPECT_NE(kill(pid, 0), 0);
}

}  // namespace
}  // namespace seep::test
