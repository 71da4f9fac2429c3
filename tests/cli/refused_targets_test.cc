// Targets that cannot be read: one line on stderr that helps, status 2, nothing left behind.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;
constexpr unsigned kNobody = 65534;
constexpr unsigned kDaemon = 1;

std::string newest_go() { return go_versions().back(); }

/// The commands that read a process.
const std::vector<std::vector<std::string>> kCommands = {
    {"heap"}, {"goroutines"}, {"diagnose", "--for", "0"}, {"heap", "--json"}};

std::vector<std::string> command_on(std::vector<std::string> command, const std::string& target) {
  command.insert(command.begin() + 1, target);
  return command;
}

/// The first letter of a process's state; 0 if there is no such process.
char state_of(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(file, text);
  std::size_t end = text.rfind(')');
  return end == std::string::npos || end + 2 >= text.size() ? '\0' : text[end + 2];
}

void wait_for_state(pid_t pid, char state) {
  std::chrono::steady_clock::time_point end =
      std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (state_of(pid) != state && std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  ASSERT_EQ(state_of(pid), state);
}

TargetProcess::Options without_waiting() {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  return options;
}

TEST(RefusedTargetTest, program_that_is_not_go) {
  Result<TargetProcess> target = TargetProcess::start("/bin/sleep", {"1000"}, without_waiting());
  ASSERT_TRUE(target) << target.error().message;
  wait_for_state(target->pid(), 'S');
  for (const std::vector<std::string>& command : kCommands) {
    EXPECT_EQ(wrong_with_refusal(run_seep(command_on(command, std::to_string(target->pid()))),
                                 "not a Go program"),
              "");
  }
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST(RefusedTargetTest, process_that_does_not_exist) {
  pid_t gone = fork();
  if (gone == 0) _exit(0);
  ASSERT_EQ(waitpid(gone, nullptr, 0), gone);
  for (const std::vector<std::string>& command : kCommands) {
    EXPECT_EQ(wrong_with_refusal(run_seep(command_on(command, std::to_string(gone))),
                                 std::to_string(gone)),
              "");
  }
  for (const char* target : {"0", "-1", "99999999999999999999", "4194305", "12x", ""}) {
    EXPECT_EQ(wrong_with_refusal(run_seep({"heap", "--", target}), ""), "") << target;
  }
}

TEST(RefusedTargetTest, arguments_that_have_no_meaning) {
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"heap"},
           {"nonsense"},
           {"heap", "1", "--no-such-flag"},
           {"heap", "1", "--by", "nonsense"},
           {"heap", "1", "--top", "many"},
           {"diagnose", "1", "--for", "soon"},
           {"snapshot", "1"},
           {"snapshot", "1", "-o", "/tmp/x.seep", "--mode", "nonsense"}}) {
    std::string words;
    for (const std::string& argument : arguments) words += argument + " ";
    EXPECT_EQ(wrong_with_refusal(run_seep(arguments), ""), "") << words;
  }
}

TEST(RefusedTargetTest, zombie) {
  Result<TargetProcess> target = TargetProcess::start("/bin/true", {}, without_waiting());
  ASSERT_TRUE(target) << target.error().message;
  wait_for_state(target->pid(), 'Z');
  for (const std::vector<std::string>& command : kCommands) {
    EXPECT_EQ(
        wrong_with_refusal(run_seep(command_on(command, std::to_string(target->pid()))), "ended"),
        "");
  }
}

TEST(RefusedTargetTest, kernel_thread) {
  // Bit 21 of the flags, the ninth field of /proc/PID/stat, is PF_KTHREAD.
  for (const fs::directory_entry& entry : fs::directory_iterator("/proc")) {
    std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text);
    std::size_t end = text.rfind(')');
    if (end == std::string::npos) continue;
    unsigned long flags = 0;
    if (sscanf(text.c_str() + end + 1, " %*c %*d %*d %*d %*d %*d %lu", &flags) != 1) continue;
    if ((flags & 0x200000u) == 0) continue;
    EXPECT_EQ(wrong_with_refusal(run_seep({"heap", name}), "kernel"), "");
    return;
  }
  GTEST_SKIP() << "no kernel thread can be seen from here";
}

TEST(RefusedTargetTest, process_of_another_user) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can start processes of other users";
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  TemporaryFolder folder;
  std::string copy = folder.copy_program(*program);
  Result<TargetProcess> roots = TargetProcess::start(copy);
  ASSERT_TRUE(roots) << roots.error().message;
  Result<TargetProcess> nobodys = TargetProcess::start(
      "/usr/bin/setpriv", {"--reuid=65534", "--regid=65534", "--clear-groups", copy});
  ASSERT_TRUE(nobodys) << nobodys.error().message;

  std::string roots_pid = std::to_string(roots->pid());
  std::string nobodys_pid = std::to_string(nobodys->pid());
  EXPECT_EQ(wrong_with_refusal(run_seep_as(kNobody, {"heap", roots_pid}), "belongs to user"), "");
  EXPECT_EQ(wrong_with_refusal(run_seep_as(kDaemon, {"heap", nobodys_pid}), "belongs to user"), "");
  EXPECT_EQ(wrong_with_refusal(run_seep_as(kDaemon, {"diagnose", nobodys_pid, "--for", "0"}),
                               "cap_sys_ptrace"),
            "");
  EXPECT_EQ(harm_done_to(roots->pid()), "");
  EXPECT_EQ(harm_done_to(nobodys->pid()), "");
  // Root may read anyone's.
  EXPECT_EQ(run_seep({"heap", nobodys_pid}).status, 0);
  EXPECT_EQ(harm_done_to(nobodys->pid()), "");
}

TEST(RefusedTargetTest, program_for_32_bits) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go(), {{}, {"GOARCH=386"}});
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  if (!target) GTEST_SKIP() << "this kernel does not run 32-bit programs";
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", std::to_string(target->pid())}), "32-bit"), "");
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST(RefusedTargetTest, process_that_another_debugger_holds) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  // A freeze by one seep is a debugger to the other: both at once must end well.
  std::string pid = std::to_string(target->pid());
  std::thread other([&] {
    for (int i = 0; i < 10; ++i) {
      CommandResult result = run_seep({"heap", pid});
      EXPECT_TRUE(result.status == 0 || wrong_with_refusal(result, "").empty()) << result.err;
    }
  });
  for (int i = 0; i < 10; ++i) {
    CommandResult result = run_seep({"heap", pid});
    EXPECT_TRUE(result.status == 0 || wrong_with_refusal(result, "").empty()) << result.err;
  }
  other.join();
  EXPECT_EQ(harm_done_to(target->pid()), "");
  EXPECT_TRUE(target->step());
}

TEST(RefusedTargetTest, process_that_exits_midway) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  // It ends after 0, 2, 4 ... milliseconds, so that each step of a capture is met.
  for (int after = 0; after < 120; after += 2) {
    Result<TargetProcess> target = TargetProcess::start(*program);
    ASSERT_TRUE(target) << target.error().message;
    std::string pid = std::to_string(target->pid());
    CommandResult result;
    std::thread seep([&] { result = run_seep({"heap", pid}); });
    std::this_thread::sleep_for(std::chrono::milliseconds(after));
    kill(target->pid(), SIGKILL);
    seep.join();
    EXPECT_TRUE(result.status == 0 || wrong_with_refusal(result, pid).empty())
        << "after " << after << " ms: " << wrong_with_refusal(result, pid);
    // All that is left of it is its zombie, which is the test's to reap.
    Result<int> status = target->wait_exit();
    EXPECT_TRUE(status) << "after " << after << " ms";
  }
}

TEST(RefusedTargetTest, stopped_process_is_read_and_stays_stopped) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  kill(target->pid(), SIGSTOP);
  wait_for_state(target->pid(), 'T');
  CommandResult result = run_seep({"heap", std::to_string(target->pid())});
  EXPECT_TRUE(result.status == 0 || wrong_with_refusal(result, "").empty()) << result.err;
  wait_for_state(target->pid(), 'T');
  kill(target->pid(), SIGCONT);
  EXPECT_TRUE(target->step());
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST(RefusedTargetTest, target_goes_on_when_seep_is_killed_at_any_instant) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  std::string pid = std::to_string(target->pid());
  for (int after = 0; after < 120; after += 2) {
    pid_t seep = fork();
    if (seep == 0) {
      int nothing = open("/dev/null", O_RDWR);
      dup2(nothing, STDOUT_FILENO);
      dup2(nothing, STDERR_FILENO);
      execl(seep_binary().c_str(), "seep", "heap", pid.c_str(), nullptr);
      _exit(127);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(after));
    kill(seep, SIGKILL);
    ASSERT_EQ(waitpid(seep, nullptr, 0), seep);
    Result<void> alive = target->step();
    ASSERT_TRUE(alive) << "after " << after << " ms: " << alive.error().message;
  }
  // A copy's zombie stays until the next run, which reaps it; a copy that was killed a moment ago
  // may not even be one yet.
  std::string harm;
  std::chrono::steady_clock::time_point end =
      std::chrono::steady_clock::now() + std::chrono::seconds(30);
  do {
    CommandResult last = run_seep({"heap", pid});
    ASSERT_EQ(last.status, 0) << last.err;
    harm = harm_done_to(target->pid());
  } while (!harm.empty() && std::chrono::steady_clock::now() < end);
  EXPECT_EQ(harm, "");
}

}  // namespace
}  // namespace seep::test
