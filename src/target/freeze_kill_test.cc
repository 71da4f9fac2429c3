// seep is killed at every instant of a freeze: the target goes on as if nothing had been, and the
// next freeze finds nothing left of the copy.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "support/target_process.h"
#include "target/child_process_test.h"
#include "target/freeze.h"
#include "target/zombies.h"

namespace seep::target {
namespace {

using std::chrono::microseconds;

// Keeps all of its registers busy, vector registers too, and checks them; counts its rounds.
[[gnu::target("avx2")]] void compute_with_all_registers(SharedPage& shared) {
  shared.ready = 1;
  alignas(32) std::uint64_t vector_in[4] = {1, 2, 3, 4};
  for (std::uint64_t round = 1;; ++round) {
    alignas(32) std::uint64_t vector_out[4] = {};
    std::uint64_t sum = 0;
    std::uint64_t turns = 2000;
    asm volatile(
        "vmovdqa (%[in]), %%ymm0\n"
        "vmovdqa (%[in]), %%ymm7\n"
        "vmovdqa (%[in]), %%ymm15\n"
        "mov $1, %%r8\n mov $2, %%r9\n mov $3, %%r10\n mov $4, %%r11\n"
        "mov $5, %%r12\n mov $6, %%r13\n mov $7, %%r14\n mov $8, %%r15\n"
        "1:\n"
        "vpaddq %%ymm7, %%ymm0, %%ymm0\n"
        "vpsubq %%ymm15, %%ymm0, %%ymm0\n"
        "dec %[turns]\n"
        "jnz 1b\n"
        "vmovdqa %%ymm0, (%[out])\n"
        "lea (%%r8, %%r9), %[sum]\n"
        "add %%r10, %[sum]\n add %%r11, %[sum]\n add %%r12, %[sum]\n"
        "add %%r13, %[sum]\n add %%r14, %[sum]\n add %%r15, %[sum]\n"
        : [sum] "=&a"(sum), [turns] "+c"(turns)
        : [in] "D"(vector_in), [out] "S"(vector_out)
        : "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm7", "xmm15", "memory",
          "cc");
    bool right = sum == 36;
    for (int i = 0; i < 4; ++i) right = right && vector_out[i] == vector_in[i];
    if (!right) ++shared.errors;
    shared.count = static_cast<std::int64_t>(round);
  }
}

void sleep_in_kernel(SharedPage& shared) {
  shared.ready = 1;
  for (;;) {
    timespec wait{0, 2'000'000};
    if (nanosleep(&wait, nullptr) != 0 && errno != EINTR) ++shared.errors;
    ++shared.count;
  }
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  Result<std::string> text = procfs::read_proc_file(procfs::proc_path(pid, "task") + "/" +
                                                    std::to_string(pid) + "/children");
  for (std::size_t at = 0; text && at < text->size();) {
    std::size_t blank = text->find(' ', at);
    if (blank == std::string::npos) break;
    children.push_back(std::stoi(text->substr(at, blank - at)));
    at = blank + 1;
  }
  return children;
}

// No child of the target lives; zombies of copies may be there until the next freeze.
void expect_only_zombies(pid_t pid) {
  EXPECT_TRUE(wait_until([&] {
    for (pid_t child : children_of(pid)) {
      Result<procfs::ProcessStat> stat = procfs::read_stat(child);
      if (stat && !stat->is_zombie()) return false;
    }
    return true;
  })) << "a copy survives";
}

void expect_untraced(pid_t pid) {
  EXPECT_TRUE(wait_until([&] {
    Result<std::vector<pid_t>> threads = procfs::list_threads(pid);
    if (!threads) return false;
    for (pid_t thread : *threads) {
      Result<procfs::ProcessStatus> status = procfs::read_thread_status(pid, thread);
      if (status && status->tracer != 0) return false;
    }
    return true;
  }));
}

void expect_clean_after_next_freeze(pid_t pid) {
  Result<Freeze> frozen = freeze(pid, {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  EXPECT_EQ(frozen->report().mode, snapshot::FreezeMode::kFork)
      << frozen->report().fallback_reason.value_or("");
  frozen->release();
  EXPECT_TRUE(children_of(pid).empty()) << "zombies are left";
}

constexpr int kSteps = static_cast<int>(FreezeStep::kReaped) + 1;

void kill_at_step(pid_t pid, int step, int occurrence) {
  ChildProcess seep([&](SharedPage&) {
    FreezeOptions options;
    int seen = 0;
    options.on_step = [&](FreezeStep at) {
      if (static_cast<int>(at) == step && ++seen == occurrence) kill(getpid(), SIGKILL);
    };
    Result<Freeze> frozen = freeze(pid, options);
    if (frozen) frozen->release();
  });
  seep.wait_end();
}

void sweep_steps(const std::function<void(SharedPage&)>& body) {
  ChildProcess target(body);
  ASSERT_TRUE(target.wait_ready());
  for (int occurrence = 1; occurrence <= 2; ++occurrence) {
    for (int step = 0; step < kSteps; ++step) {
      kill_at_step(target.pid(), step, occurrence);
      std::int64_t count = target.shared().count;
      ASSERT_TRUE(wait_until([&] { return target.shared().count > count + 3; }))
          << "the target hangs after step " << step;
      ASSERT_EQ(target.shared().errors, 0) << "registers differ after step " << step;
      expect_only_zombies(target.pid());
      expect_untraced(target.pid());
    }
    expect_clean_after_next_freeze(target.pid());
  }
  EXPECT_TRUE(target.running());
}

TEST(FreezeKilled, at_each_step_a_computing_program_keeps_its_registers) {
  if (!__builtin_cpu_supports("avx2")) GTEST_SKIP() << "this processor has no AVX2";
  sweep_steps(compute_with_all_registers);
}

TEST(FreezeKilled, at_each_step_a_sleeping_program_goes_on) { sweep_steps(sleep_in_kernel); }

// The first thread of a Go program that runs a goroutine is not on the main stack: then nothing but
// its content tells whether the scratch memory there is free.
TEST(FreezeKilled, at_each_step_the_next_freeze_of_a_go_program_forks_again) {
  std::vector<std::string> versions = test::go_toolchains();
  if (versions.empty()) GTEST_SKIP() << "no Go toolchain";
  Result<std::string> program = test::build_target("block", versions.back());
  ASSERT_TRUE(program) << program.error().message;
  Result<test::TargetProcess> target = test::TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  for (int step = 0; step < kSteps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    kill_at_step(target->pid(), step, 1);
    expect_only_zombies(target->pid());
    expect_untraced(target->pid());
    expect_clean_after_next_freeze(target->pid());
    Result<void> alive = target->step();
    ASSERT_TRUE(alive) << alive.error().message;
  }
}

// A busy Go server with more threads than cores, killed at random instants of freeze after freeze.
TEST(FreezeKilled, at_any_instant_a_go_server_keeps_serving) {
  std::vector<std::string> versions = test::go_toolchains();
  if (versions.empty()) GTEST_SKIP() << "no Go toolchain";
  Result<std::string> program = test::build_target("freeze_server", versions.back());
  ASSERT_TRUE(program) << program.error().message;
  test::TargetProcess::Options options;
  options.environment = {"GOMAXPROCS=8"};
  Result<test::TargetProcess> target =
      test::TargetProcess::start(*program, {"30", "1", "0"}, options);
  ASSERT_TRUE(target) << target.error().message;
  unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::uniform_int_distribution<int> instant(0, 25'000);
  for (int round = 0; round < 150; ++round) {
    ChildProcess seep([&](SharedPage& shared) {
      shared.ready = 1;
      for (;;) freeze(target->pid(), {});
    });
    ASSERT_TRUE(seep.wait_ready());
    std::this_thread::sleep_for(microseconds(instant(random)));
    kill(seep.pid(), SIGKILL);
    seep.wait_end();
    expect_only_zombies(target->pid());
    expect_untraced(target->pid());
    ASSERT_TRUE(target->alive());
  }
  expect_clean_after_next_freeze(target->pid());
  Result<void> stepped = target->step();
  ASSERT_TRUE(stepped) << stepped.error().message;
  EXPECT_NE(target->truth().find("\"Failures\":0,\"Wrong\":0,"), std::string::npos)
      << target->truth();
  EXPECT_EQ(target->truth().find("\"Requests\":0,"), std::string::npos) << target->truth();
}

}  // namespace
}  // namespace seep::target
