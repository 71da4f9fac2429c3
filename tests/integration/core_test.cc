// A process that is read live, from a core and from saved snapshots says the same; cores of the
// kernel, of gcore and of other machines.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "procfs/process_status.h"
#include "support/build_flavour.h"
#include "support/core_writer.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

using Questions = std::vector<std::vector<std::string>>;

const Questions kMainQuestions = {{"heap"}, {"goroutines"}};
const Questions kAllQuestions = {
    {"heap"},
    {"heap", "--by", "type"},
    {"heap", "--by", "site"},
    {"heap", "--by", "root"},
    {"heap", "--garbage"},
    {"goroutines"},
    {"goroutines", "--leaked"},
};

// What says where a report came from, and no more than that.
void forget_origin(Json& report) {
  // Only of a live process is known when it started, how much of it is resident, and which limits
  // the kernel sets it.
  for (const char* field : {"kind", "uptime_s", "rss_bytes", "limit_bytes", "limit_source"}) {
    report["target"].erase(field);
  }
  // How the process was held still.
  report.erase("freeze");
  report.erase("freezes");
  // Waits are measured from the moment of reading. A core does not know that moment.
  if (report.contains("groups")) {
    for (Json& group : report["groups"]) {
      group.erase("wait_s_min");
      group.erase("wait_s_max");
    }
  }
}

struct Answer {
  int status = -1;
  Json report;
  std::string error;
};

Answer ask(std::vector<std::string> question, const std::string& target,
           const std::string& executable = "") {
  question.insert(question.begin() + 1, target);
  question.emplace_back("--json");
  if (!executable.empty()) question.insert(question.end(), {"--exe", executable});
  CommandResult result = run_seep(question);
  Answer answer{result.status, Json::parse(result.out, nullptr, false), result.err};
  if (answer.report.is_object()) forget_origin(answer.report);
  return answer;
}

std::string text_of(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word + " ";
  return text;
}

// Empty if all targets give the same answers to all questions.
std::string difference_between(const std::string& first, const std::vector<std::string>& others,
                               const Questions& questions) {
  for (const std::vector<std::string>& question : questions) {
    Answer wanted = ask(question, first);
    if (!wanted.report.is_object()) return text_of(question) + first + ": " + wanted.error;
    for (const std::string& other : others) {
      Answer found = ask(question, other);
      if (!found.report.is_object()) return text_of(question) + other + ": " + found.error;
      if (found.report == wanted.report && found.status == wanted.status) continue;
      std::string patch = Json::diff(wanted.report, found.report).dump(1).substr(0, 3000);
      return text_of(question) + other + ", status " + std::to_string(found.status) + ": " + patch;
    }
  }
  return {};
}

void hold_still(pid_t pid) {
  kill(pid, SIGSTOP);
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    if (stat && stat->state == 'T') return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  ADD_FAILURE() << "the target does not stop";
}

class CoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    Result<BuildFlavour> flavour = build_flavour();
    ASSERT_TRUE(flavour) << flavour.error().message;
    if (flavour->race) GTEST_SKIP() << "the race detector reserves terabytes, which a core holds";
  }

  void start(const std::string& name, std::vector<std::string> arguments) {
    Result<std::string> program = build_target(name, GetParam());
    ASSERT_TRUE(program) << program.error().message;
    program_ = *program;
    target_ = TargetProcess::start(program_, arguments);
    ASSERT_TRUE(target_) << target_.error().message;
  }

  std::string pid() const { return std::to_string(target_->pid()); }

  std::string snapshot_of(const std::string& target, const std::string& name) {
    CommandResult saved = run_seep({"snapshot", target, "-o", folder_.file(name)});
    EXPECT_EQ(saved.status, 0) << saved.err;
    return folder_.file(name);
  }

  std::string kernel_like_core() {
    Result<void> written = write_core_of(target_->pid(), folder_.file("core"));
    EXPECT_TRUE(written) << written.error().message;
    return folder_.file("core");
  }

  void expect_same_from_everywhere(const std::string& core, const Questions& questions) {
    std::string live_snapshot = snapshot_of(pid(), "live.seep");
    std::string core_snapshot = snapshot_of(core, "core.seep");
    EXPECT_EQ(difference_between(pid(), {core, live_snapshot, core_snapshot}, questions), "");
    fs::remove(core);
  }

  TemporaryFolder folder_;
  std::string program_;
  Result<TargetProcess> target_ = fail(ErrorKind::kNotFound, "not started");
};

INSTANTIATE_TEST_SUITE_P(Go, CoreTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(CoreTest, every_shape_of_heap_is_the_same_from_gcore) {
  if (run_command({"gdb", "--version"}).status != 0) GTEST_SKIP() << "gcore (gdb) is not installed";
  start("heap_shapes", {"-scale", "3", folder_.file("dump")});
  ASSERT_TRUE(target_);
  hold_still(target_->pid());
  CommandResult made = run_command({"gcore", "-o", folder_.file("gcore"), pid()});
  ASSERT_EQ(made.status, 0) << made.err;
  expect_same_from_everywhere(folder_.file("gcore." + pid()), kAllQuestions);
}

TEST_P(CoreTest, garbage_and_unswept_spans_are_the_same) {
  start("heap_shapes", {"-scale", "3", "-clean=false", folder_.file("dump")});
  ASSERT_TRUE(target_);
  hold_still(target_->pid());
  expect_same_from_everywhere(kernel_like_core(), kMainQuestions);
}

TEST_P(CoreTest, hung_goroutines_are_the_same) {
  for (const char* kind : {"select", "mutex"}) {
    start("hung_goroutines", {kind, "leaky"});
    ASSERT_TRUE(target_);
    hold_still(target_->pid());
    expect_same_from_everywhere(kernel_like_core(), kMainQuestions);
  }
}

TEST_P(CoreTest, a_service_after_requests_is_the_same) {
  std::string needs = too_old("demo_service", GetParam());
  if (!needs.empty()) GTEST_SKIP() << needs;
  Result<std::string> program = build_target("demo_service", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  TargetProcess::Options options;
  options.wait_until_ready = false;
  target_ = TargetProcess::start(*program, {"serve"}, options);
  ASSERT_TRUE(target_) << target_.error().message;
  Result<std::string> greeting = target_->read_line();
  ASSERT_TRUE(greeting) << greeting.error().message;
  std::string url = greeting->substr(greeting->find("http"));
  Result<TargetProcess> driver = TargetProcess::start(*program, {"drive", url, "200"});
  ASSERT_TRUE(driver) << driver.error().message;
  std::this_thread::sleep_for(std::chrono::seconds(1));  // however many requests that is
  hold_still(target_->pid());
  expect_same_from_everywhere(kernel_like_core(), kMainQuestions);
}

// Cores of the kernel itself: the program is told to crash.
std::string crash_core_in(const std::string& folder) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    char head[4] = {};
    file.read(head, sizeof head);
    if (std::string_view(head, sizeof head) ==
        "\x7f"
        "ELF") {
      return entry.path().string();
    }
  }
  return {};
}

TEST_P(CoreTest, core_of_a_crash_tells_types_and_stacks_of_before) {
  std::string pattern;
  std::getline(std::ifstream("/proc/sys/kernel/core_pattern"), pattern);
  if (pattern.empty() || pattern.find_first_of("|/") != std::string::npos) {
    GTEST_SKIP() << "the kernel hands cores to somebody else: core_pattern is " << pattern;
  }
  fs::path before = fs::current_path();
  fs::create_directory(folder_.file("cwd"));
  fs::current_path(folder_.file("cwd"));
  Result<std::string> program = build_target("heap_shapes", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  // It prints all its stacks when it crashes.
  TargetProcess::Options options;
  options.environment = {"GOTRACEBACK=crash"};
  target_ = TargetProcess::start(
      "/bin/sh",
      {"-c", "exec \"$0\" \"$@\" 2>/dev/null", *program, "-scale", "3", folder_.file("dump")},
      options);
  fs::current_path(before);
  ASSERT_TRUE(target_);
  rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  if (prlimit(target_->pid(), RLIMIT_CORE, &unlimited, nullptr) != 0) {
    GTEST_SKIP() << "this user may not raise the limit of cores";
  }
  Answer live = ask({"heap", "--by", "type"}, pid());
  kill(target_->pid(), SIGABRT);
  ASSERT_TRUE(target_->wait_exit());
  std::string core = crash_core_in(folder_.file("cwd"));
  ASSERT_NE(core, "");
  Answer dead = ask({"heap", "--by", "type"}, core);
  ASSERT_TRUE(dead.report.is_object()) << dead.error;

  EXPECT_EQ(dead.report["summary"]["goroutines"], dead.report["summary"]["goroutines_unwound"]);
  EXPECT_EQ(dead.report["summary"]["unreadable_bytes"], 0);
  std::map<std::string, Json> rows;
  for (const Json& row : dead.report["rows"]) rows[row["name"]] = row;
  for (const Json& row : live.report["rows"]) {
    if (!row["name"].get<std::string>().starts_with("main.")) continue;
    EXPECT_EQ(rows[row["name"]]["count"], row["count"]) << row["name"];
    EXPECT_EQ(rows[row["name"]]["shallow_bytes"], row["shallow_bytes"]) << row["name"];
  }
  CommandResult hung = run_seep({"goroutines", core, "--leaked"});
  EXPECT_NE(hung.out.find("main.hold"), std::string::npos) << hung.out << hung.err;
}

TEST_P(CoreTest, executable_must_be_of_the_build_that_made_the_core) {
  start("hung_goroutines", {"send", "leaky"});
  ASSERT_TRUE(target_);
  // The core is to name a file that is not there any more.
  std::string moved = folder_.file("moved");
  std::string away = folder_.copy_program(program_);
  target_ = TargetProcess::start(away, {"send", "leaky"});
  ASSERT_TRUE(target_);
  hold_still(target_->pid());
  Answer live = ask({"heap"}, pid());
  std::string core = kernel_like_core();
  kill(target_->pid(), SIGKILL);
  ASSERT_TRUE(target_->wait_exit());
  fs::rename(away, moved);
  Result<std::string> other = build_target("block", GetParam());
  ASSERT_TRUE(other) << other.error().message;

  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", core}), "--exe"), "");
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", core}), away), "");
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", core, "--exe", *other}), "build"), "");
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", core, "--exe", *other}), *other), "");
  Answer named = ask({"heap"}, core, moved);
  ASSERT_TRUE(named.report.is_object()) << named.error;
  EXPECT_EQ(named.report, live.report);
  fs::copy_file(*other, away);
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", core}), away), "") << "same name, other build";
  fs::remove(away);
  // As it is when both were copied from another machine.
  fs::create_directory(folder_.file("brought"));
  fs::rename(core, folder_.file("brought/core"));
  fs::rename(moved, folder_.file("brought/" + fs::path(away).filename().string()));
  EXPECT_EQ(ask({"heap"}, folder_.file("brought/core")).report, live.report);
}

TEST_P(CoreTest, a_core_that_was_cut_off_says_so_or_is_refused) {
  start("hung_goroutines", {"send", "leaky"});
  ASSERT_TRUE(target_);
  hold_still(target_->pid());
  Answer live = ask({"goroutines"}, pid());
  std::string core = kernel_like_core();
  std::uintmax_t whole = fs::file_size(core);

  // The stack of the first thread comes last and is of the kernel's and C's making.
  fs::resize_file(core, whole - 4096);
  Answer nearly = ask({"goroutines"}, core);
  ASSERT_TRUE(nearly.report.is_object()) << nearly.error;
  EXPECT_NE(run_seep({"heap", core}).out.find("cut off the end of the core"), std::string::npos);
  for (int part = 19; part >= 0; --part) {
    fs::resize_file(core, whole / 20 * static_cast<std::uintmax_t>(part));
    CommandResult result = run_seep({"heap", core});
    bool says_so =
        result.status == 0 && result.out.find("cut off the end of the core") != std::string::npos;
    EXPECT_TRUE(says_so || wrong_with_refusal(result, "core").empty())
        << part << "/20: " << result.out << result.err;
  }
}

TEST_P(CoreTest, what_needs_a_live_process_says_so) {
  start("hung_goroutines", {"send", "leaky"});
  ASSERT_TRUE(target_);
  std::string core = kernel_like_core();
  EXPECT_EQ(wrong_with_refusal(
                run_seep({"snapshot", core, "-o", folder_.file("x.seep"), "--mode", "stop"}),
                "live process"),
            "");
  CommandResult diagnosis = run_seep({"diagnose", core});
  EXPECT_EQ(diagnosis.status, 1) << diagnosis.err;
  EXPECT_EQ(diagnosis.err, "");
  EXPECT_NE(diagnosis.out.find("from a core file"), std::string::npos) << diagnosis.out;
  Json report = Json::parse(run_seep({"diagnose", core, "--json"}).out, nullptr, false);
  EXPECT_EQ(report["target"]["kind"], "core");
  EXPECT_TRUE(report["target"]["rss_bytes"].is_null());
  EXPECT_TRUE(report["rss"]["rss_bytes"].is_null());
  EXPECT_GT(report["rss"]["accounts"][0]["bytes"], 0);
}

}  // namespace
}  // namespace seep::test
