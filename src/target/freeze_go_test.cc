// Freezing real Go programs that do many things at once; the program itself counts what went wrong.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "procfs/proc_file.h"
#include "support/target_process.h"
#include "target/child_process_test.h"
#include "target/freeze.h"
#include "target/zombies.h"

namespace seep::target {
namespace {

using snapshot::FreezeMode;

struct Server {
  std::vector<std::string> arguments;  ///< of tests/targets/freeze_server
  std::vector<std::string> environment;
  std::size_t threads = 1;  ///< to wait for
};

class FreezingGo : public testing::TestWithParam<FreezeMode> {
 protected:
  // Freezes a server `times` times while it works. `at_each` looks at each freeze.
  void freeze_server(const Server& server, int times,
                     const std::function<void(pid_t, Freeze&)>& at_each = {}) {
    std::vector<std::string> versions = test::go_toolchains();
    if (versions.empty()) GTEST_SKIP() << "no Go toolchain";
    Result<std::string> program = test::build_target("freeze_server", versions.back());
    ASSERT_TRUE(program) << program.error().message;
    test::TargetProcess::Options process;
    process.environment = server.environment;
    Result<test::TargetProcess> target =
        test::TargetProcess::start(*program, server.arguments, process);
    ASSERT_TRUE(target) << target.error().message;
    ASSERT_TRUE(
        wait_until([&] { return procfs::list_threads(target->pid())->size() >= server.threads; }));
    FreezeOptions options;
    options.mode = GetParam();
    for (int round = 0; round < times; ++round) {
      Result<Freeze> frozen = freeze(target->pid(), options);
      ASSERT_TRUE(frozen) << frozen.error().message;
      ASSERT_EQ(frozen->report().mode, GetParam()) << frozen->report().fallback_reason.value_or("");
      if (at_each) at_each(target->pid(), *frozen);
      frozen->release();
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_TRUE(find_copy_zombies(target->pid()).empty());
    ASSERT_TRUE(target->step());
    EXPECT_NE(target->truth().find("\"Failures\":0,\"Wrong\":0,"), std::string::npos)
        << target->truth();
    EXPECT_EQ(target->truth().find("\"Requests\":0,"), std::string::npos) << target->truth();
  }
};
INSTANTIATE_TEST_SUITE_P(Mode, FreezingGo, testing::Values(FreezeMode::kFork, FreezeMode::kStop),
                         [](const testing::TestParamInfo<FreezeMode>& mode) {
                           return mode.param == FreezeMode::kFork ? "fork" : "stop";
                         });

TEST_P(FreezingGo, two_hundred_threads_are_all_stopped) {
  freeze_server({{"200", "0", "0"}, {}, 200}, 30, [](pid_t pid, Freeze& frozen) {
    EXPECT_GE(frozen.report().threads, 200u);
    EXPECT_GE(procfs::list_threads(pid)->size(), 200u);
  });
}

TEST_P(FreezingGo, threads_start_and_end_meanwhile) {
  freeze_server({{"10", "8", "0"}, {"GOMAXPROCS=16"}, 10}, 60);
}

TEST_P(FreezingGo, children_are_started_meanwhile) {
  freeze_server({{"10", "0", "1"}, {"GOMAXPROCS=8"}, 10}, 60);
}

TEST_P(FreezingGo, each_running_thread_has_its_stack_in_the_image) {
  freeze_server({{"20", "0", "0"}, {"GOMAXPROCS=8"}, 20}, 10, [](pid_t, Freeze& frozen) {
    for (const ThreadRegisters& thread : frozen.threads()) {
      EXPECT_TRUE(frozen.memory().read_value<std::uint64_t>(Address(thread.rsp)));
      EXPECT_TRUE(frozen.memory().read_value<std::uint8_t>(Address(thread.rip)));
      EXPECT_EQ(thread.general[7], thread.rsp);
      EXPECT_NE(thread.fs_base, 0u);
    }
  });
}

}  // namespace
}  // namespace seep::target
