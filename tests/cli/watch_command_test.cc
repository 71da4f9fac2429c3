// seep watch as people and scripts meet it.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using Json = nlohmann::json;

Result<TargetProcess> start_target() {
  std::vector<std::string> toolchains = go_toolchains();
  if (toolchains.empty()) return fail(ErrorKind::kUnsupported, "no Go toolchain is installed");
  return TargetProcess::start(TRY(build_target("block", toolchains.back())));
}

Result<TargetProcess> start_watch(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "watch");
  TargetProcess::Options options;
  options.wait_until_ready = false;
  return TargetProcess::start(seep_binary(), arguments, options);
}

TEST(WatchCommand, json_is_one_document_at_the_end) {
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  std::string pid = std::to_string(target->pid());
  CommandResult result = run_seep({"watch", pid, "--for", "1s", "--interval", "200ms", "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
  Json report = Json::parse(result.out);
  EXPECT_EQ(report["schema"], "seep.watch/1");
  EXPECT_EQ(report["interval_s"], 0.2);
  EXPECT_GE(report["rounds"], 2);
  ASSERT_EQ(report["processes"].size(), 1u);
  const Json& process = report["processes"][0];
  EXPECT_EQ(process["pid"], target->pid());
  EXPECT_EQ(process["program"], "block");
  EXPECT_EQ(process["verdict"], "inconclusive");
  EXPECT_EQ(process["samples"], report["rounds"]);
  EXPECT_GT(process["figures"]["rss_bytes"], 0);
  EXPECT_EQ(process["figures"]["goroutines"], 1);
  EXPECT_TRUE(process["restarts"].empty());
  EXPECT_TRUE(process["oom_cause"].is_null());
}

TEST(WatchCommand, lines_say_what_happens_and_the_end_sums_up) {
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  std::string who = "block " + std::to_string(target->pid());
  Result<TargetProcess> watch = start_watch({std::to_string(target->pid()), "--interval", "100ms"});
  ASSERT_TRUE(watch) << watch.error().message;
  Result<std::string> line = watch->read_line();
  ASSERT_TRUE(line);
  EXPECT_NE(line->find(who + ": watched: go"), std::string::npos) << *line;
  target->close_stdin();
  do {
    line = watch->read_line();
    ASSERT_TRUE(line);
  } while (!line->ends_with(who + ": ended"));
  kill(watch->pid(), SIGINT);
  std::string rest;
  for (line = watch->read_line(); line; line = watch->read_line()) rest += *line + "\n";
  EXPECT_NE(rest.find("watched for "), std::string::npos) << rest;
  EXPECT_NE(rest.find(who + " (ended): inconclusive"), std::string::npos) << rest;
  Result<int> status = watch->wait_exit();
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, 0);
}

TEST(WatchCommand, an_order_to_end_is_answered_as_well) {
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  // An hour between two rounds: it is the signal that ends the wait.
  Result<TargetProcess> watch = start_watch({std::to_string(target->pid()), "--interval", "1h"});
  ASSERT_TRUE(watch);
  ASSERT_TRUE(watch->read_line());
  ASSERT_TRUE(watch->read_line());
  kill(watch->pid(), SIGTERM);
  Result<int> status = watch->wait_exit();
  ASSERT_TRUE(status);
  EXPECT_EQ(*status, 0);
}

TEST(WatchCommand, a_store_is_gone_on_with) {
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  TemporaryFolder folder;
  std::vector<std::string> command = {"watch",
                                      std::to_string(target->pid()),
                                      "--for",
                                      "500ms",
                                      "--interval",
                                      "100ms",
                                      "--json",
                                      "--store",
                                      folder.file("w.db")};
  Json first = Json::parse(run_seep(command).out);
  Json second = Json::parse(run_seep(command).out);
  EXPECT_EQ(first["store"], folder.file("w.db"));
  EXPECT_EQ(second["processes"][0]["samples"],
            first["processes"][0]["samples"].get<int>() + second["rounds"].get<int>());
  EXPECT_EQ(second["processes"][0]["first"], first["processes"][0]["first"]);
  EXPECT_TRUE(second["processes"][0]["restarts"].empty());
}

TEST(WatchCommand, what_cannot_be_watched_is_one_line_and_status_two) {
  auto refused = [](std::vector<std::string> arguments, const std::string& word) {
    arguments.insert(arguments.begin(), "watch");
    return wrong_with_refusal(run_seep(arguments), word);
  };
  EXPECT_EQ(refused({"999999999"}, "999999999"), "");
  EXPECT_EQ(refused({"2147483647"}, "there is no process"), "");
  EXPECT_EQ(refused({"gateway"}, "is not a process id"), "");
  EXPECT_EQ(refused({"name:"}, "name:"), "");
  EXPECT_EQ(
      refused({"name:there-is-no-such-program", "--for", "100ms", "--json"}, "there-is-no-such"),
      "");
  EXPECT_EQ(refused({"--for", "0"}, "--for"), "");
  EXPECT_EQ(refused({"--for", "soon"}, "--for"), "");
  EXPECT_EQ(refused({"--interval", "1ms"}, "--interval"), "");
  EXPECT_EQ(refused({"--interval", "2h"}, "--interval"), "");
  EXPECT_EQ(refused({"--snapshot-at", "90 percent"}, "--snapshot-at"), "");
  EXPECT_EQ(refused({"--snapshot-at", "0%"}, "--snapshot-at"), "");
  EXPECT_EQ(refused({"--snapshot-dir", "/tmp"}, "--snapshot-at"), "");
  EXPECT_EQ(refused({"--store", "/dev/null/x"}, "/dev/null/x"), "");
  EXPECT_EQ(refused({"--keep", "1d"}, "--store"), "");
  std::string store = testing::TempDir() + "/never-made.db";
  EXPECT_EQ(refused({"--store", store, "--store-size", "1MiB"}, "4 MiB"), "");
  EXPECT_EQ(refused({"--store", store, "--store-size", "much"}, "--store-size"), "");
  EXPECT_EQ(refused({"--store", store, "--keep", "1h", "--keep-samples", "2h"}, "thinner"), "");
  EXPECT_NE(access(store.c_str(), F_OK), 0);
  EXPECT_EQ(refused({"--serve", ":7331"}, "--serve"), "");
  EXPECT_EQ(refused({"--remote-write", "http://x"}, "--remote-write"), "");
  EXPECT_EQ(
      refused({"--snapshot-at", "90%", "--snapshot-dir", "/dev/null", "--for", "1s"}, "/dev/null"),
      "");
}

TEST(WatchCommand, what_another_user_may_not_see_is_not_guessed) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can run seep as other users";
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  constexpr unsigned kNobodyElse = 64999;  // a user without any process
  CommandResult result = run_seep_as(kNobodyElse, {"watch", std::to_string(target->pid()), "--for",
                                                   "300ms", "--interval", "100ms", "--json"});
  EXPECT_EQ(result.status, 0) << result.err;
  const Json process = Json::parse(result.out)["processes"][0];
  EXPECT_GT(process["figures"]["rss_bytes"], 0);
  EXPECT_TRUE(process["figures"]["goroutines"].is_null());
  EXPECT_TRUE(process["go_version"].is_null());
  ASSERT_EQ(process["notes"].size(), 1u);
  EXPECT_NE(process["notes"][0].get<std::string>().find("run as root"), std::string::npos);
}

TEST(WatchCommand, a_reader_that_goes_away_ends_it) {
  CommandOptions full;
  full.output_file = "/dev/full";
  Result<TargetProcess> target = start_target();
  if (!target) GTEST_SKIP() << target.error().message;
  std::string pid = std::to_string(target->pid());
  CommandResult result = run_seep({"watch", pid, "--for", "60s"}, full);
  EXPECT_EQ(wrong_with_refusal(result, "standard output"), "");
}

}  // namespace
}  // namespace seep::test
