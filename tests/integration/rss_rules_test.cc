// What seep says of real programs whose resident memory is far above the heap: each one's own cause
// is named first, with the bytes that the program knows of it; and of healthy ones nothing.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "snapshot/snapshot_file.h"
#include "support/build_flavour.h"
#include "support/graph_notation.h"
#include "support/memory_cgroup.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using Json = nlohmann::json;

// The document that a command prints; null, and a failed test, if it prints none.
Json document(const std::vector<std::string>& command, int expected_status) {
  CommandResult result = run_seep(command);
  EXPECT_EQ(result.status, expected_status) << result.err << result.out;
  Json json = Json::parse(result.out, nullptr, false);
  EXPECT_TRUE(json.is_object()) << result.err;
  return json;
}

bool says(const Json& finding, const std::string& words) {
  return finding.dump().find(words) != std::string::npos;
}

std::string outcome_of(const Json& diagnosis, const std::string& name) {
  for (const Json& hypothesis : diagnosis["hypotheses"])
    if (hypothesis["name"] == name) return hypothesis["outcome"];
  return "";
}

class RssRulesTest : public testing::TestWithParam<std::string> {
 protected:
  void start(const std::vector<std::string>& arguments,
             const std::vector<std::string>& environment = {}) {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    Result<BuildFlavour> flavour = build_flavour();
    if (flavour && flavour->race) GTEST_SKIP() << "the race detector's shadow memory is nobody's";
    BuildOptions build;
    bool with_c = arguments[0] == "cgo" || arguments[0] == "threads";
    if (with_c) build.environment = {"CGO_ENABLED=1", "CGO_CFLAGS=-O2 -g -gdwarf-4"};
    Result<std::string> program = build_target("resident", GetParam(), build);
    ASSERT_TRUE(program) << program.error().message;
    TargetProcess::Options options;
    options.environment = environment;
    options.environment.push_back("RESIDENT_DIRECTORY=" + cache_directory());
    Result<TargetProcess> target = TargetProcess::start(*program, arguments, options);
    ASSERT_TRUE(target) << target.error().message;
    target_.emplace(std::move(*target));
    Json truth = Json::parse(target_->truth());
    if (truth["refused"] != "") GTEST_SKIP() << arguments[0] << ": " << truth["refused"];
    bytes_ = truth["bytes"];
  }

  std::string pid() const { return std::to_string(target_->pid()); }
  int minor() const { return std::atoi(GetParam().substr(GetParam().find('.') + 1).c_str()); }

  // The cause that comes first is this one; its bytes are those, within 5 %.
  Json expect_first(const std::string& scenario, double bytes, int status = 1) {
    Json report = document({"rss", pid(), "--json"}, status);
    Json findings = report["findings"];
    EXPECT_FALSE(findings.empty());
    if (findings.empty()) return {};
    EXPECT_EQ(findings[0]["scenario"], scenario) << findings.dump(2);
    EXPECT_NEAR(findings[0]["bytes"].get<double>(), bytes, bytes * 0.05) << findings[0].dump(2);
    return findings[0];
  }

  std::optional<TargetProcess> target_;
  double bytes_ = 0;  ///< what the program knows of it
};
INSTANTIATE_TEST_SUITE_P(Go, RssRulesTest, testing::ValuesIn(go_versions()), VersionName());

// start() may have skipped or failed.
#define START(...)    \
  start(__VA_ARGS__); \
  if (HasFatalFailure() || IsSkipped()) return

TEST_P(RssRulesTest, memory_given_back_lazily) {
  bool by_itself = minor() < 16;
  START({"lazy"}, by_itself ? std::vector<std::string>{}
                            : std::vector<std::string>{"GODEBUG=madvdontneed=0"});
  Json finding = expect_first("rss-lazy-free", bytes_);
  EXPECT_TRUE(says(finding, "MADV_FREE"));
  EXPECT_TRUE(says(finding, by_itself ? "build with Go 1.16 or later" : "madvdontneed=0"));
  EXPECT_TRUE(says(finding, "FreeOSMemory does not help"));
}

TEST_P(RssRulesTest, free_heap_after_a_peak) {
  START({"peak"});
  Json finding = expect_first("rss-past-peak", bytes_);
  EXPECT_TRUE(says(finding, "debug.FreeOSMemory"));
  EXPECT_EQ(says(finding, "alone does not lower it"), minor() < 16);
}

TEST_P(RssRulesTest, few_objects_in_many_spans) {
  START({"sparse"});
  expect_first("rss-fragmented-spans", bytes_);
}

TEST_P(RssRulesTest, garbage_below_a_high_goal) {
  START({"gogc"}, {"GOGC=400"});
  // No collection has judged it yet: without a look at the objects it may live.
  Json finding = expect_first("rss-heap-goal", bytes_, 0);
  EXPECT_TRUE(says(finding, "up to"));
  // A diagnosis looks.
  Json report = document({"diagnose", pid(), "--for", "0", "--json"}, 1);
  EXPECT_EQ(report["verdict"], "rss-gap");
  EXPECT_EQ(report["findings"][0]["scenario"], "rss-heap-goal");
  EXPECT_EQ(report["findings"][0]["confidence"], "likely");
}

TEST_P(RssRulesTest, stacks_that_were_deep_once) {
  START({"stacks"});
  // Each has 8 KiB, and needs 4.
  Json finding = expect_first("rss-stacks", bytes_ / 2);
  EXPECT_GT(finding["count"], 99'000);
}

TEST_P(RssRulesTest, huge_pages_over_what_was_given_back) {
  START({"huge"}, {"GODEBUG=madvdontneed=1"});
  expect_first("rss-huge-pages", bytes_);
}

TEST_P(RssRulesTest, a_mapped_file_is_no_fault) {
  START({"mapped"});
  Json finding = expect_first("rss-mapped-files", bytes_, 0);
  EXPECT_TRUE(finding["informational"]);
  EXPECT_TRUE(says(finding, "seep-resident"));
}

TEST_P(RssRulesTest, a_file_in_memory) {
  START({"tmpfs"});
  expect_first("rss-shared-memory", bytes_);
}

TEST_P(RssRulesTest, memory_that_the_program_maps) {
  START({"own"});
  expect_first("rss-own-mappings", bytes_);
}

TEST_P(RssRulesTest, memory_of_c) {
  START({"cgo"});
  Json finding = expect_first("rss-c-memory", bytes_);
  EXPECT_TRUE(says(finding, "MALLOC_ARENA_MAX"));
}

TEST_P(RssRulesTest, stacks_of_threads) {
  START({"threads", "100"});
  Json finding = expect_first("rss-thread-stacks", bytes_);
  EXPECT_GE(finding["count"], 100);
}

TEST_P(RssRulesTest, structs_of_goroutines_that_have_ended) {
  START({"dead"});
  Json report = document({"rss", pid(), "--json"}, 1);
  Json found;
  for (const Json& finding : report["findings"])
    if (finding["scenario"] == "rss-dead-goroutines") found = finding;
  ASSERT_TRUE(found.is_object()) << report["findings"].dump(2);
  // The program counts slots of a size class, of which a struct fills the most.
  EXPECT_NEAR(found["bytes"].get<double>(), bytes_, bytes_ * 0.12);
}

TEST_P(RssRulesTest, a_limit_that_leaves_the_collector_no_rest) {
  if (minor() < 19) GTEST_SKIP() << "there is no GOMEMLIMIT before Go 1.19";
  // One processor, so that the share does not depend on how busy the others are.
  START({"limit", "100"}, {"GOMEMLIMIT=106MiB", "GOMAXPROCS=1"});
  Json finding = expect_first("rss-limit-too-close", 0);
  EXPECT_TRUE(says(finding, "of the processor time goes into collections")) << finding;
  EXPECT_EQ(document({"diagnose", pid(), "--for", "0", "--json"}, 1)["verdict"], "near-limit");
}

TEST_P(RssRulesTest, a_program_that_is_its_live_heap_has_no_cause) {
  START({"sparse", "0", "300"});
  Json report = document({"rss", pid(), "--json"}, 0);
  EXPECT_TRUE(report["findings"].empty()) << report["findings"].dump(2);
  EXPECT_EQ(document({"diagnose", pid(), "--for", "0", "--json"}, 0)["hypotheses"][2]["outcome"],
            "ruled-out");
}

TEST_P(RssRulesTest, a_snapshot_tells_it_as_it_was) {
  START({"gogc"}, {"GOGC=400"});
  TemporaryFolder folder;
  std::string file = folder.file("s.seep");
  ASSERT_EQ(run_seep({"snapshot", pid(), "-o", file}).status, 0);
  Json live = document({"rss", pid(), "--json"}, 0);
  CommandResult result = run_seep({"rss", file, "--json"});
  Json saved = Json::parse(result.out, nullptr, false);
  ASSERT_TRUE(saved.is_object()) << result.err;
  EXPECT_EQ(saved["accounts"].size(), live["accounts"].size());
  // The snapshot knows what can be reached.
  Json first = saved["findings"][0];
  EXPECT_EQ(first["scenario"], "rss-heap-goal");
  EXPECT_NEAR(first["bytes"].get<double>(), bytes_, bytes_ * 0.05);
  EXPECT_FALSE(says(first, "up to"));
}

// The program of tests/targets/resident in a cgroup with a limit, from its first page on; `before`
// is what a shell does there before.
Result<TargetProcess> start_in(const MemoryCgroup& group, const std::string& go,
                               const std::string& arguments, const std::string& before = ":") {
  std::string program = TRY(build_target("resident", go));
  return TargetProcess::start(
      "/bin/sh", {"-c", "echo $$ > \"$1\" && " + before + " && exec \"$2\" " + arguments, "sh",
                  group.members_file(), program});
}

// The heap is 170 MiB, RSS 1.6 GiB of a limit of 2 GiB.
TEST(InCgroup, the_seed_story_is_told_as_it_is) {
  const std::string go = "1.13.15";
  constexpr std::uint64_t kLimit = std::uint64_t{2} << 30;
  if (!has_go(go)) GTEST_SKIP() << no_go(go);
  Result<MemoryCgroup> group = MemoryCgroup::make(kLimit);
  if (!group) GTEST_SKIP() << group.error().message;
  Result<TargetProcess> target = start_in(*group, go, "lazy 1400 170");
  ASSERT_TRUE(target) << target.error().message;
  std::string pid = std::to_string(target->pid());

  Json report = document({"diagnose", pid, "--for", "0", "--json"}, 1);
  EXPECT_EQ(report["verdict"], "rss-gap");
  EXPECT_EQ(outcome_of(report, "goroutines"), "ruled-out");
  EXPECT_EQ(outcome_of(report, "heap"), "ruled-out");
  EXPECT_EQ(outcome_of(report, "rss"), "confirmed");
  EXPECT_EQ(report["target"]["limit_bytes"], kLimit);
  EXPECT_EQ(report["target"]["limit_source"], "cgroup");
  EXPECT_GT(report["rss"]["rss_bytes"], 1'600'000'000);
  Json finding = report["findings"][0];
  EXPECT_EQ(finding["scenario"], "rss-lazy-free");
  double given_back = Json::parse(target->truth())["bytes"];
  EXPECT_NEAR(finding["bytes"].get<double>(), given_back, given_back * 0.05);
  EXPECT_TRUE(says(finding, "Go 1.13.15 returns it lazily (MADV_FREE)"));
  EXPECT_TRUE(says(finding, "build with Go 1.16 or later"));
  EXPECT_TRUE(says(finding, "GODEBUG=madvdontneed=1"));

  CommandResult text = run_seep({"diagnose", pid, "--for", "0"});
  EXPECT_NE(text.out.find("✗ RSS GAP"), std::string::npos) << text.out;
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

// Files that were written in the cgroup, and are mapped by nobody.
void expect_charged_for_file(const std::string& folder, const std::string& scenario) {
  constexpr double kBytes = 200 << 20;
  std::string go = go_versions().back();
  if (!has_go(go)) GTEST_SKIP() << no_go(go);
  Result<MemoryCgroup> group = MemoryCgroup::make(std::uint64_t{1} << 30);
  if (!group) GTEST_SKIP() << group.error().message;
  std::string file = folder + "/seep-charged-" + std::to_string(getpid());
  Result<TargetProcess> target = start_in(
      *group, go, "sparse 0 50", "dd if=/dev/zero of=" + file + " bs=1M count=200 2>/dev/null");
  if (target) {
    Json report = document({"rss", std::to_string(target->pid()), "--json"}, 1);
    Json found = Json::object();
    for (const Json& finding : report["findings"])
      if (finding["scenario"] == scenario) found = finding;
    EXPECT_NEAR(found.value("bytes", 0.0), kBytes, kBytes * 0.05) << report["findings"].dump(2);
  }
  unlink(file.c_str());
  ASSERT_TRUE(target) << target.error().message;
}

TEST(InCgroup, page_cache_is_told_apart_from_the_process) {
  expect_charged_for_file(cache_directory(), "rss-page-cache");
}

TEST(InCgroup, files_in_memory_are_told_though_nobody_maps_them) {
  expect_charged_for_file("/dev/shm", "rss-tmpfs");
}

TEST(RssCommand, refuses_what_it_cannot_know) {
  EXPECT_EQ(wrong_with_refusal(run_seep({"rss", "99999999"}), "no process"), "");
  EXPECT_EQ(wrong_with_refusal(run_seep({"rss", seep_binary()}), "program"), "");
}

TEST(RssCommand, refuses_files_that_do_not_tell_which_pages_were_resident) {
  TemporaryFolder folder;
  std::string core(64, '\0');
  core.replace(0, 4,
               "\x7f"
               "ELF");
  core[16] = 4;  // ET_CORE
  std::ofstream(folder.file("core")) << core;
  EXPECT_EQ(wrong_with_refusal(run_seep({"rss", folder.file("core")}), "a core file"), "");
  ASSERT_TRUE(
      snapshot::write_snapshot_file(draw("goroutine 1 running").snapshot, folder.file("old.seep")));
  EXPECT_EQ(wrong_with_refusal(run_seep({"rss", folder.file("old.seep")}), "resident"), "");
}

TEST(RssCommand, tells_of_a_program_without_go_what_the_kernel_says) {
  Json report = document({"rss", std::to_string(getpid()), "--json"}, 0);
  EXPECT_EQ(report["target"]["go_version"], "");
  EXPECT_GT(report["rss_bytes"], 1 << 20);
  EXPECT_FALSE(report["notes"].empty());
}

}  // namespace
}  // namespace seep::test
