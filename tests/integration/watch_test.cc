// seep watch on real programs: what it samples, how it follows them, and the snapshots it takes.
// Rounds are called by the test, so nothing depends on how fast the machine is.
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>
#include <tuple>

#include "base/clock.h"
#include "pipeline/process_watch.h"
#include "pipeline/snapshot_folder.h"
#include "pipeline/timely_snapshots.h"
#include "procfs/process_status.h"
#include "snapshot/snapshot_file.h"
#include "support/memory_cgroup.h"
#include "support/pprof_tool.h"
#include "support/scenario.h"
#include "support/seep_command.h"
#include "support/target_process.h"
#include "target/freeze.h"

namespace seep::test {
namespace {

using Json = nlohmann::json;
using monitor::Figure;
using monitor::WatchedProcess;
using pipeline::ProcessWatch;
using pipeline::ProcessWatchOptions;
using pipeline::WatchNews;

constexpr std::chrono::seconds kDeadline{60};
/// A limit that a test program does not come near.
constexpr std::uint64_t kRoom = 1u << 30;

std::string newest_go() { return go_versions().back(); }

ProcessWatch watch_of(const pipeline::WatchTargets& targets) {
  ProcessWatchOptions options;
  options.targets = targets;
  Result<ProcessWatch> watch = ProcessWatch::start(options);
  if (!watch) ADD_FAILURE() << watch.error().message;
  return std::move(watch).value();
}

/// The newest of that id: before it runs its program, a process is a copy of this test.
const WatchedProcess* find(const ProcessWatch& watch, pid_t pid) {
  const WatchedProcess* found = nullptr;
  for (const WatchedProcess& process : watch.state().processes)
    if (process.identity.pid == static_cast<std::uint32_t>(pid)) found = &process;
  return found;
}

/// Rounds until something holds, a moment apart.
bool rounds_until(ProcessWatch& watch, const std::function<bool(const WatchNews&)>& holds) {
  Stopwatch clock;
  while (clock.elapsed() < kDeadline) {
    if (holds(watch.round(Instant::now()))) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

void end_process(TargetProcess& target) {
  target.close_stdin();
  EXPECT_TRUE(target.wait_exit());
}

/// A program under a name that no other test uses.
struct NamedProgram {
  explicit NamedProgram(const std::string& built)
      : path(folder.copy_program(built)), name(path.substr(path.rfind('/') + 1)) {}

  TemporaryFolder folder;
  std::string path;
  std::string name;
};

class WatchTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, WatchTest, testing::ValuesIn(go_versions()), VersionName());

void expect_own_figures(const std::string& go, const BuildOptions& options) {
  Result<std::string> program = build_target("ps_figures", go, options);
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  ProcessWatch watch = watch_of({.all = false, .pids = {target->pid()}, .patterns = {}});
  for (int i = 0; i < 3; ++i) {
    watch.round(Instant::now());
    const WatchedProcess* process = find(watch, target->pid());
    ASSERT_TRUE(process);
    Json truth = Json::parse(target->truth());
    EXPECT_EQ(process->latest[Figure::kGoroutines], truth["goroutines"].get<std::int64_t>());
    EXPECT_EQ(process->latest[Figure::kHeapMarked], truth["heap_live"].get<std::int64_t>());
    Result<procfs::ProcessStatus> status = procfs::read_status(target->pid());
    ASSERT_TRUE(status && process->latest[Figure::kRss]);
    EXPECT_NEAR(static_cast<double>(*process->latest[Figure::kRss]),
                static_cast<double>(status->resident.bytes()), 4 << 20);
    // The runtime starts threads when it likes.
    EXPECT_NEAR(static_cast<double>(*process->latest[Figure::kThreads]),
                static_cast<double>(status->threads), 3);
    EXPECT_EQ(process->samples, static_cast<std::uint64_t>(i + 1));
    EXPECT_TRUE(process->notes.empty()) << process->notes.front();
    EXPECT_EQ(process->go_version.substr(0, 2 + go.size()), "go" + go);
    ASSERT_TRUE(target->step());
  }
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST_P(WatchTest, figures_are_the_kernels_and_the_runtimes_own) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  expect_own_figures(GetParam(), {});
}

TEST_P(WatchTest, stripped_programs_have_figures_too) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  expect_own_figures(GetParam(), {{"-ldflags=-s -w"}, {}});
}

TEST(WatchTest, a_program_is_found_followed_to_its_end_and_taken_up_again) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> built = build_target("block", newest_go());
  ASSERT_TRUE(built) << built.error().message;
  NamedProgram program(*built);
  ProcessWatch watch = watch_of({.all = false, .pids = {}, .patterns = {program.name}});
  watch.round(Instant::now());
  std::size_t before = watch.state().processes.size();
  Result<TargetProcess> first = TargetProcess::start(program.path);
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.started.empty(); }));
  pid_t pid = first->pid();
  ASSERT_TRUE(find(watch, pid));
  watch.round(Instant::now());
  end_process(*first);
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.ended.empty(); }));
  EXPECT_TRUE(find(watch, pid)->ended);
  EXPECT_FALSE(find(watch, pid)->oom);
  Result<TargetProcess> second = TargetProcess::start(program.path);
  ASSERT_TRUE(second) << second.error().message;
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.restarted.empty(); }));
  const WatchedProcess* again = find(watch, second->pid());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->restarts_ns.size(), 1u);
  EXPECT_GE(again->history.size(), 3u);
  EXPECT_EQ(watch.state().processes.size(), before + 1);
}

TEST(WatchTest, a_process_named_by_its_id_is_followed_through_its_restart) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> built = build_target("block", newest_go());
  ASSERT_TRUE(built) << built.error().message;
  NamedProgram program(*built);
  Result<TargetProcess> beside = TargetProcess::start(program.path);
  Result<TargetProcess> first = TargetProcess::start(program.path);
  ASSERT_TRUE(first && beside);
  ProcessWatch watch = watch_of({.all = false, .pids = {first->pid()}, .patterns = {}});
  // Start times are known to a hundredth of a second.
  std::int64_t start_ns = Instant::now().boot_ns;
  ASSERT_TRUE(rounds_until(
      watch, [&](const WatchNews&) { return Instant::now().boot_ns > start_ns + 100'000'000; }));
  end_process(*first);
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.ended.empty(); }));
  Result<TargetProcess> second = TargetProcess::start(program.path);
  ASSERT_TRUE(second);
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.restarted.empty(); }));
  EXPECT_TRUE(find(watch, second->pid()));
  EXPECT_FALSE(find(watch, beside->pid()));
  EXPECT_EQ(watch.state().processes.size(), 1u);
}

/// It has begun to run its program, and has nothing more to do.
bool comes_to_sleep(pid_t pid) {
  Stopwatch clock;
  while (clock.elapsed() < kDeadline) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    if (stat && stat->name == "sleep" && stat->state == 'S') return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

TEST(WatchTest, another_program_is_watched_by_the_kernels_figures_if_it_is_named) {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<TargetProcess> sleeper = TargetProcess::start("/bin/sleep", {"1000"}, options);
  ASSERT_TRUE(sleeper) << sleeper.error().message;
  ASSERT_TRUE(comes_to_sleep(sleeper->pid()));
  ProcessWatch named = watch_of({.all = false, .pids = {sleeper->pid()}, .patterns = {}});
  named.round(Instant::now());
  const WatchedProcess* process = find(named, sleeper->pid());
  ASSERT_TRUE(process);
  EXPECT_EQ(process->go_version, "");
  EXPECT_GT(process->latest[Figure::kRss], 0);
  EXPECT_GT(process->latest[Figure::kOpenFiles], 0);
  EXPECT_FALSE(process->latest[Figure::kGoroutines]);
  ProcessWatch all = watch_of({.all = true, .pids = {}, .patterns = {}});
  all.round(Instant::now());
  EXPECT_FALSE(find(all, sleeper->pid()));
}

TEST(WatchTest, a_copy_that_is_being_looked_at_is_no_process) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("ps_figures", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  Result<target::Freeze> frozen = target::freeze(target->pid(), {});
  ASSERT_TRUE(frozen) << frozen.error().message;
  ProcessWatch watch = watch_of({.all = true, .pids = {}, .patterns = {}});
  for (int i = 0; i < 3; ++i) watch.round(Instant::now());
  EXPECT_TRUE(find(watch, target->pid()));
  for (const WatchedProcess& process : watch.state().processes) {
    Result<procfs::ProcessStat> stat = procfs::read_stat(static_cast<pid_t>(process.identity.pid));
    EXPECT_FALSE(stat && stat->parent == target->pid()) << process.identity.pid;
  }
}

TEST(WatchTest, an_end_by_the_kernel_is_told) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<MemoryCgroup> group = MemoryCgroup::make(kRoom);
  if (!group) GTEST_SKIP() << group.error().message;
  Result<std::string> program = build_target("memory_courses", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<TargetProcess> target = TargetProcess::start(*program, {"leak", "10"}, options);
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE(group->take_in(target->pid()));
  ProcessWatch watch = watch_of({.all = false, .pids = {target->pid()}, .patterns = {}});
  ASSERT_TRUE(rounds_until(watch, [&](const WatchNews&) {
    const WatchedProcess* process = find(watch, target->pid());
    return process && process->latest[Figure::kHeapMarked];
  }));
  ASSERT_TRUE(group->set_limit(48u << 20));
  ASSERT_TRUE(
      rounds_until(watch, [](const WatchNews& news) { return !news.events.ended.empty(); }));
  const WatchedProcess* process = find(watch, target->pid());
  ASSERT_TRUE(process && process->oom);
  EXPECT_TRUE(process->oom->counted);
}

/// Empty if the snapshot has both profiles beside it, `told` names them, and pprof finds the
/// program's functions in them.
std::string wrong_with_profiles(const std::string& snapshot, const std::string& told,
                                const std::string& folder) {
  for (const auto& [path, type, function] :
       {std::tuple{pipeline::heap_profile_path(snapshot), "inuse_space", "main.keepBlocks"},
        std::tuple{pipeline::goroutine_profile_path(snapshot), "goroutine", "main.waitForValue"}}) {
    std::string name = path.substr(path.rfind('/') + 1);
    if (told.find(name) == std::string::npos) return name + " is not in: " + told;
    CommandResult top = pprof_top(newest_go(), path, type, folder);
    if (top.status != 0 || top.out.find(function) == std::string::npos)
      return name + ": " + top.out + top.err;
  }
  return {};
}

class SnapshotAtTest : public testing::Test {
 protected:
  /// A watch that takes a snapshot from 60 % of the limit on.
  Result<ProcessWatch> start(pid_t pid) {
    ProcessWatchOptions options;
    options.targets.pids = {pid};
    options.snapshot_share = 0.6;
    options.snapshot_folder = folder.file("snapshots");
    return ProcessWatch::start(options);
  }

  TemporaryFolder folder;
};

TEST_F(SnapshotAtTest, one_is_saved_when_memory_passes_its_share_of_the_limit) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<MemoryCgroup> group = MemoryCgroup::make(kRoom);
  if (!group) GTEST_SKIP() << group.error().message;
  Result<std::string> program = build_target("own_profiles", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {folder.path()});
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE(group->take_in(target->pid()));
  std::uint64_t rss = procfs::read_status(target->pid())->resident.bytes();
  ASSERT_TRUE(group->set_limit(4 * rss));
  Result<ProcessWatch> watch = start(target->pid());
  ASSERT_TRUE(watch) << watch.error().message;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(watch->round(Instant::now()).snapshots.empty());
  EXPECT_TRUE(find(*watch, target->pid())->snapshots.empty());

  // Limits are read anew after a while; a watch that begins now sees it at once.
  ASSERT_TRUE(group->set_limit(rss * 5 / 4));
  watch = start(target->pid());
  ASSERT_TRUE(watch) << watch.error().message;
  std::string told;
  ASSERT_TRUE(rounds_until(*watch, [&](const WatchNews& news) {
    for (const auto& one : news.snapshots) told += one.text;
    return !news.snapshots.empty();
  }));
  const WatchedProcess* process = find(*watch, target->pid());
  ASSERT_EQ(process->snapshots.size(), 1u) << process->notes.front();
  EXPECT_EQ(wrong_with_profiles(process->snapshots.front(), told, folder.path()), "");
  Result<snapshot::Snapshot> saved = snapshot::read_snapshot_file(process->snapshots.front());
  ASSERT_TRUE(saved) << saved.error().message;
  EXPECT_EQ(saved->program.pid, static_cast<std::uint32_t>(target->pid()));
  EXPECT_EQ(harm_done_to(target->pid()), "");
  // It stays near its limit: that was told.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(watch->round(Instant::now()).snapshots.empty());
  EXPECT_EQ(find(*watch, target->pid())->snapshots.size(), 1u);
}

TEST(TimelySnapshotsTest, two_at_a_distance_name_what_grows) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  std::vector<ScenarioCase> cases = scenario_cases({"growing-map"});
  ASSERT_FALSE(cases.empty());
  Result<Scenario> scenario = Scenario::start(cases.back(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(scenario->again());
  TemporaryFolder folder;
  Result<pipeline::SnapshotFolder> kept =
      pipeline::SnapshotFolder::open(folder.file("s"), 1u << 30);
  ASSERT_TRUE(kept);
  pipeline::TimelySnapshots snapshots({.share = 1, .least_distance_s = 0}, std::move(*kept));

  monitor::WatchState state;
  WatchedProcess& process = state.processes.emplace_back();
  process.identity.pid = static_cast<std::uint32_t>(scenario->pid());
  process.program = "scenarios";
  process.go_version = "go";
  process.verdict.emplace();
  process.verdict->kind = monitor::VerdictKind::kLeak;
  process.verdict->leading = monitor::SeriesKind::kLiveHeap;
  monitor::SeriesVerdict& heap = process.verdict->series.emplace_back();
  heap.series = monitor::SeriesKind::kLiveHeap;
  heap.rate = 1e12;
  auto until_saved = [&](std::size_t count) {
    Stopwatch clock;
    while (process.snapshots.size() < count && clock.elapsed() < kDeadline) {
      snapshots.round(state, Instant::now());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return process.snapshots.size() == count;
  };
  // The round that takes over the first would begin the second at once.
  snapshots.round(state, Instant::now());
  snapshots.finish(state, Instant::now());
  ASSERT_EQ(process.snapshots.size(), 1u);
  EXPECT_TRUE(process.findings.empty());
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(scenario->again());
  ASSERT_TRUE(until_saved(2));
  for (const std::string& compared : process.snapshots) {
    EXPECT_FALSE(std::filesystem::exists(pipeline::heap_profile_path(compared)));
    EXPECT_FALSE(std::filesystem::exists(pipeline::goroutine_profile_path(compared)));
  }
  ASSERT_FALSE(process.findings.empty());
  EXPECT_EQ(process.findings.front().scenario, "growing-container");
  EXPECT_FALSE(process.findings.front().remedy.empty());
  // One alarm, one answer.
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(snapshots.round(state, Instant::now()).empty());
  EXPECT_EQ(process.snapshots.size(), 2u);
}

TEST(TimelySnapshotsTest, the_next_is_taken_only_after_memory_fell) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  TemporaryFolder folder;
  Result<pipeline::SnapshotFolder> kept =
      pipeline::SnapshotFolder::open(folder.file("s"), 1u << 30);
  ASSERT_TRUE(kept);
  pipeline::TimelySnapshots snapshots({.share = 0.9}, std::move(*kept));
  monitor::WatchState state;
  WatchedProcess& process = state.processes.emplace_back();
  process.identity.pid = static_cast<std::uint32_t>(target->pid());
  process.program = "block";
  process.go_version = "go";
  process.memory_limit = 1000;
  auto saved_at = [&](std::int64_t rss) {
    process.latest[Figure::kRss] = rss;
    snapshots.round(state, Instant::now());
    snapshots.finish(state, Instant::now());
    return process.snapshots.size();
  };
  EXPECT_EQ(saved_at(890), 0u);
  EXPECT_EQ(saved_at(900), 1u);
  EXPECT_EQ(saved_at(990), 1u);
  EXPECT_EQ(saved_at(850), 1u);
  EXPECT_EQ(saved_at(990), 1u);
  EXPECT_EQ(saved_at(800), 1u);
  EXPECT_EQ(saved_at(900), 2u);
  EXPECT_EQ(harm_done_to(target->pid()), "");
}

TEST(TimelySnapshotsTest, what_cannot_be_saved_is_said_once) {
  if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  Result<std::string> program = build_target("block", newest_go());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  TemporaryFolder folder;
  Result<pipeline::SnapshotFolder> kept =
      pipeline::SnapshotFolder::open(folder.file("s"), 1u << 30);
  ASSERT_TRUE(kept);
  std::filesystem::remove(folder.file("s"));
  pipeline::TimelySnapshots snapshots({.share = 0.9}, std::move(*kept));
  monitor::WatchState state;
  WatchedProcess& process = state.processes.emplace_back();
  process.identity.pid = static_cast<std::uint32_t>(target->pid());
  process.program = "block";
  process.go_version = "go";
  process.memory_limit = 1000;
  process.latest[Figure::kRss] = 950;
  std::size_t said = 0;
  for (int i = 0; i < 4; ++i) {
    said += snapshots.round(state, Instant::now()).size();
    said += snapshots.finish(state, Instant::now()).size();
  }
  EXPECT_EQ(said, 1u);
  EXPECT_TRUE(process.snapshots.empty());
}

}  // namespace
}  // namespace seep::test
