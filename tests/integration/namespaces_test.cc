// Programs in namespaces of their own, as containers have them: process ids and files that seep
// sees otherwise than they do. What is read is compared with the runtime's own word, and nothing
// may be left behind.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "pipeline/capture.h"
#include "pipeline/process_list.h"
#include "procfs/process_status.h"
#include "support/build_flavour.h"
#include "support/command.h"
#include "support/heap_dump.h"
#include "support/oracle_comparison.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kOwnMountsAndPids = {"--mount", "--pid", "--mount-proc"};

/// Why there are no namespaces here; empty if there are.
std::string no_namespaces(const std::vector<std::string>& kinds) {
  std::vector<std::string> words = {"unshare", "--fork"};
  words.insert(words.end(), kinds.begin(), kinds.end());
  words.emplace_back("true");
  CommandResult tried = run_command(words);
  return tried.status == 0 ? "" : "no namespaces can be made here: " + tried.err;
}

pid_t only_child(pid_t pid) {
  std::string id = std::to_string(pid);
  std::ifstream file("/proc/" + id + "/task/" + id + "/children");
  pid_t child = 0;
  file >> child;
  return child;
}

/// The descendant that runs a file of that name.
pid_t descendant_running(pid_t pid, const std::string& name) {
  for (int depth = 0; pid > 0 && depth < 4; ++depth) {
    std::error_code error;
    fs::path executable = fs::read_symlink("/proc/" + std::to_string(pid) + "/exe", error);
    if (executable.filename() == name) return pid;
    pid = only_child(pid);
  }
  return 0;
}

/// heap_shapes as /mnt/server on a file system that only its own mount namespace has; it dumps its
/// heap to /mnt/dump there.
class ContainedServer {
 public:
  /// `before` is a shell command that is run inside first, `run` how the program is started.
  static Result<ContainedServer> start(const std::string& program,
                                       const std::vector<std::string>& kinds,
                                       const std::string& before = "true",
                                       const std::string& run = "exec /mnt/server /mnt/dump") {
    std::vector<std::string> words = {"--fork", "--kill-child"};
    words.insert(words.end(), kinds.begin(), kinds.end());
    std::string script =
        "mount -t tmpfs none /mnt && cp \"$0\" /mnt/server && " + before + " && " + run;
    words.insert(words.end(), {"sh", "-c", script, program});
    ContainedServer server(TRY(TargetProcess::start("/usr/bin/unshare", words)));
    server.pid_ = descendant_running(server.process_.pid(), "server");
    if (server.pid_ == 0) return fail(ErrorKind::kNotFound, "the server is not to be found");
    return server;
  }

  pid_t pid() const { return pid_; }
  TargetProcess& process() { return process_; }
  /// A file of its namespace.
  std::string file(const std::string& path) const {
    return "/proc/" + std::to_string(pid_) + "/root" + path;
  }

 private:
  explicit ContainedServer(TargetProcess process) : process_(std::move(process)) {}

  TargetProcess process_;
  pid_t pid_ = 0;
};

class NamespacesTest : public testing::Test {
 protected:
  void SetUp() override {
    go_ = go_versions().back();
    if (!has_go(go_)) GTEST_SKIP() << no_go(go_);
    std::string why = no_namespaces(kOwnMountsAndPids);
    if (!why.empty()) GTEST_SKIP() << why;
    Result<std::string> program = build_target("heap_shapes", go_);
    ASSERT_TRUE(program) << program.error().message;
    program_ = *program;
  }

  snapshot::Snapshot compare(ContainedServer& server,
                             const pipeline::CaptureOptions& options = {}) {
    Result<snapshot::Snapshot> seen = pipeline::capture(server.pid(), options);
    EXPECT_TRUE(seen) << seen.error().message;
    Result<void> dumped = server.process().step("dump");
    EXPECT_TRUE(dumped) << dumped.error().message;
    Result<HeapDump> dump = read_heap_dump(server.file("/mnt/dump"));
    EXPECT_TRUE(dump) << dump.error().message;
    if (!seen || !dump) return {};
    Comparison objects = compare_objects(*seen, *dump);
    EXPECT_EQ(objects.different, 0u) << objects.differences;
    EXPECT_GT(objects.equal, 1000u);
    EXPECT_EQ(seen->program.program, "server");
    EXPECT_EQ(seen->program.executable, "/mnt/server");
    EXPECT_EQ(harm_done_to(server.pid()), "");
    return std::move(*seen);
  }

  std::string go_;
  std::string program_;
};

TEST_F(NamespacesTest, the_first_process_of_a_container_is_read_by_a_forked_copy) {
  Result<ContainedServer> server = ContainedServer::start(program_, kOwnMountsAndPids);
  ASSERT_TRUE(server) << server.error().message;
  Result<procfs::ProcessStatus> status = procfs::read_status(server->pid());
  ASSERT_TRUE(status);
  EXPECT_EQ(status->namespace_pids, (std::vector<pid_t>{server->pid(), 1}));
  snapshot::Snapshot seen = compare(*server);
  EXPECT_EQ(seen.freeze.mode, snapshot::FreezeMode::kFork);
}

TEST_F(NamespacesTest, another_process_of_a_container_has_another_number_there) {
  Result<ContainedServer> server =
      ContainedServer::start(program_, kOwnMountsAndPids, "true", "/mnt/server /mnt/dump; true");
  ASSERT_TRUE(server) << server.error().message;
  for (int i = 0; i < 3; ++i) {
    snapshot::Snapshot seen = compare(*server);
    EXPECT_EQ(seen.freeze.mode, snapshot::FreezeMode::kFork);
  }
}

TEST_F(NamespacesTest, a_container_is_read_while_it_stands_still) {
  Result<ContainedServer> server = ContainedServer::start(program_, kOwnMountsAndPids);
  ASSERT_TRUE(server) << server.error().message;
  pipeline::CaptureOptions options;
  options.mode = snapshot::FreezeMode::kStop;
  EXPECT_EQ(compare(*server, options).freeze.mode, snapshot::FreezeMode::kStop);
}

TEST_F(NamespacesTest, the_executable_of_a_container_may_be_deleted_or_another_build_by_now) {
  Result<std::string> other = build_target("heap_shapes", go_, {{"-gcflags=all=-N -l"}, {}});
  ASSERT_TRUE(other) << other.error().message;
  Result<ContainedServer> server = ContainedServer::start(program_, kOwnMountsAndPids);
  ASSERT_TRUE(server) << server.error().message;
  fs::remove(server->file("/mnt/server"));
  snapshot::Snapshot deleted = compare(*server);
  EXPECT_FALSE(deleted.program.stripped);
  fs::copy_file(*other, server->file("/mnt/server"));
  compare(*server);
}

TEST_F(NamespacesTest, users_of_a_container_may_have_other_numbers) {
  std::vector<std::string> kinds = kOwnMountsAndPids;
  kinds.insert(kinds.end(), {"--user", "--map-root-user"});
  std::string why = no_namespaces(kinds);
  if (!why.empty()) GTEST_SKIP() << why;
  Result<ContainedServer> server = ContainedServer::start(program_, kinds);
  ASSERT_TRUE(server) << server.error().message;
  compare(*server);
}

TEST_F(NamespacesTest, seep_inside_the_container_uses_the_numbers_there) {
  Result<ContainedServer> server = ContainedServer::start(program_, kOwnMountsAndPids);
  ASSERT_TRUE(server) << server.error().message;
  std::vector<std::string> inside = {"nsenter", "-t", std::to_string(server->pid()),
                                     "-m",      "-p", seep_binary()};
  std::vector<std::string> heap = inside;
  heap.insert(heap.end(), {"heap", "1", "--json"});
  CommandResult result = run_command(heap);
  ASSERT_EQ(result.status, 0) << result.err;
  nlohmann::json report = nlohmann::json::parse(result.out);
  EXPECT_EQ(report["target"]["pid"], 1);
  EXPECT_EQ(report["target"]["executable"], "/mnt/server");
  EXPECT_GT(report["completeness"]["objects"], 1000);
  EXPECT_EQ(harm_done_to(server->pid()), "");
}

TEST_F(NamespacesTest, a_proc_of_another_namespace_is_refused) {
  CommandResult result =
      run_command({"unshare", "--fork", "--pid", seep_binary(), "heap", std::to_string(getpid())});
  EXPECT_EQ(wrong_with_refusal(result, "another pid namespace"), "");
}

TEST_F(NamespacesTest, seep_ps_lists_what_runs_in_containers) {
  Result<ContainedServer> server = ContainedServer::start(program_, kOwnMountsAndPids);
  ASSERT_TRUE(server) << server.error().message;
  fs::remove(server->file("/mnt/server"));
  Result<analysis::ProcessReport> report = pipeline::list_go_processes();
  ASSERT_TRUE(report) << report.error().message;
  for (const analysis::ProcessRow& row : report->rows) {
    if (row.pid != static_cast<std::uint32_t>(server->pid())) continue;
    EXPECT_EQ(row.program, "server");
    EXPECT_EQ(row.go_version, "go" + go_);
    EXPECT_TRUE(row.goroutines);
    return;
  }
  ADD_FAILURE() << "the server is not listed";
}

TEST_F(NamespacesTest, debug_information_that_only_the_container_has_is_found_by_build_id) {
  if (!is_plain_build()) GTEST_SKIP() << "the program is to be stripped after it was built";
  Result<std::string> whole = build_target(
      "heap_shapes", go_, {{"-ldflags=-B 0x0123456789abcdef0123456789abcdef01234567"}, {}});
  ASSERT_TRUE(whole) << whole.error().message;
  TemporaryFolder folder;
  ASSERT_EQ(run_command({"objcopy", "--only-keep-debug", *whole, folder.file("debug")}).status, 0);
  ASSERT_EQ(run_command({"strip", "-o", folder.file("stripped"), *whole}).status, 0);
  std::string place = "/usr/lib/debug/.build-id/01";
  Result<ContainedServer> server = ContainedServer::start(
      folder.file("stripped"), kOwnMountsAndPids,
      "mkdir -p /usr/lib/debug && mount -t tmpfs none /usr/lib/debug && mkdir -p " + place +
          " && cp " + folder.file("debug") + " " + place +
          "/23456789abcdef0123456789abcdef01234567.debug");
  ASSERT_TRUE(server) << server.error().message;
  ASSERT_FALSE(fs::exists(place + "/23456789abcdef0123456789abcdef01234567.debug"));
  snapshot::Snapshot seen = compare(*server);
  EXPECT_FALSE(seen.program.stripped);
  bool named = std::ranges::any_of(seen.roots.roots, [&](const snapshot::GcRoot& root) {
    return seen.strings.text(root.name) == "main.nestedMap";
  });
  EXPECT_TRUE(named);
}

}  // namespace
}  // namespace seep::test
