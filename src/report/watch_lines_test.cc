#include "report/watch_lines.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <nlohmann/json.hpp>

#include "report/watch_json.h"

namespace seep::report {
namespace {

using Json = nlohmann::json;
using monitor::Figure;
using monitor::SeriesKind;
using monitor::VerdictKind;
using monitor::WatchedProcess;
using monitor::WatchState;

constexpr std::int64_t kSecond = 1'000'000'000;

WatchedProcess gateway() {
  WatchedProcess process;
  process.identity = {4242, 100, "boot"};
  process.program = "gateway";
  process.executable = "/srv/gateway";
  process.go_version = "go1.22.5";
  monitor::ProcessSample sample;
  sample.monotonic_ns = 500 * kSecond;
  sample.wall_ns = 1'796'000'000 * kSecond;
  sample[Figure::kRss] = std::int64_t{1610} << 20;
  sample[Figure::kHeapMarked] = 171 << 20;
  sample[Figure::kGoroutines] = 48'112;
  sample[Figure::kOpenFiles] = 1;
  process.history = {sample};
  process.latest = sample;
  process.samples = 12;
  process.memory_limit = std::uint64_t{2} << 30;
  process.limit_source = "cgroup";
  return process;
}

void judge(WatchedProcess& process, VerdictKind kind) {
  process.verdict.emplace();
  process.verdict->kind = kind;
  process.verdict->leading = SeriesKind::kLiveHeap;
  monitor::SeriesVerdict& heap = process.verdict->series.emplace_back();
  heap.series = SeriesKind::kLiveHeap;
  heap.kind = kind;
  heap.trend.samples = 700;
  heap.evidence = {"grows by 12 MiB/h"};
  process.verdict->evidence = {"the limit is reached in 2 h"};
}

class WatchLinesTest : public testing::Test {
 protected:
  WatchLinesTest() {
    setenv("TZ", "UTC", 1);
    tzset();
  }
};

TEST_F(WatchLinesTest, figures_have_units_and_the_limit_its_source) {
  EXPECT_EQ(figures_text(gateway()),
            "RSS 1.57 GiB of 2.00 GiB (cgroup), live heap 171 MiB, 48,112 goroutines, 1 open file");
}

TEST_F(WatchLinesTest, what_is_not_known_is_left_out) {
  WatchedProcess process;
  process.program = "postgres";
  process.executable = "/usr/bin/postgres";
  process.latest[Figure::kRss] = 1 << 20;
  EXPECT_EQ(found_text(process), "not a Go program, RSS 1.00 MiB");
  EXPECT_EQ(verdict_text(process), "not judged yet");
  EXPECT_EQ(end_text(process), "ended");
}

TEST_F(WatchLinesTest, a_program_that_may_not_be_looked_at_is_not_called_anything) {
  WatchedProcess process;
  process.program = "svc";
  EXPECT_EQ(found_text(process), "its program may not be looked at");
}

TEST_F(WatchLinesTest, a_line_has_time_process_and_text) {
  EXPECT_EQ(watch_line(1'796'000'000 * kSecond, gateway(), "ended"),
            "2026-11-30 00:53:20  gateway 4242: ended\n");
}

TEST_F(WatchLinesTest, names_cannot_end_a_line_or_steer_a_terminal) {
  WatchedProcess process = gateway();
  process.program = "a\nb\x1b[31m";
  EXPECT_EQ(watch_line(0, process, "x\ny"), "1970-01-01 00:00:00  a?b?[31m 4242: x?y\n");
}

TEST_F(WatchLinesTest, a_verdict_comes_with_its_evidence) {
  WatchedProcess process = gateway();
  judge(process, VerdictKind::kGrowing);
  EXPECT_EQ(verdict_text(process),
            "growing: live heap: grows by 12 MiB/h; the limit is reached in 2 h");
  process.verdict->series[0].evidence = {"live heap rises"};
  EXPECT_EQ(verdict_text(process), "growing: live heap rises; the limit is reached in 2 h");
}

TEST_F(WatchLinesTest, an_end_for_want_of_memory_says_why) {
  WatchedProcess process = gateway();
  process.oom.emplace();
  process.oom->counted = true;
  process.oom->limit = std::uint64_t{2} << 30;
  process.oom->answer = {monitor::OomCause::kLeak, {"it rose for 4 h"}};
  EXPECT_EQ(
      end_text(process),
      "ended: the kernel killed it for want of memory (limit 2.00 GiB): leak; it rose for 4 h");
}

TEST_F(WatchLinesTest, the_summary_begins_with_alarms) {
  WatchState state;
  state.processes = {gateway(), gateway(), gateway()};
  judge(state.processes[0], VerdictKind::kHealthy);
  judge(state.processes[1], VerdictKind::kLeak);
  judge(state.processes[2], VerdictKind::kHealthy);
  state.processes[1].program = "leaky";
  state.processes[2].ended = true;
  std::string text = watch_summary(state, 7200);
  EXPECT_NE(text.find("watched for 2 h: 2 processes, RSS 3.14 GiB: 1 leak, 1 healthy\n"),
            std::string::npos)
      << text;
  EXPECT_LT(text.find("leaky 4242: leak"), text.find("gateway 4242: healthy"));
  EXPECT_NE(text.find("gateway 4242 (ended)"), std::string::npos);
}

TEST_F(WatchLinesTest, the_summary_of_ever_so_many_is_bounded) {
  WatchState state;
  state.processes.assign(1000, gateway());
  std::string text = watch_summary(state, 60);
  EXPECT_NE(text.find("and 980 more"), std::string::npos);
  EXPECT_LT(text.size(), 10'000u);
}

TEST_F(WatchLinesTest, json_has_every_figure_and_null_for_what_is_not_known) {
  WatchState state;
  state.interval_s = 2;
  state.processes = {gateway()};
  WatchedProcess& process = state.processes.front();
  judge(process, VerdictKind::kLeak);
  process.verdict->forecast = monitor::Forecast{2e9, 100, 90, INFINITY, "soon"};
  process.restarts_ns = {400 * kSecond};
  process.findings = {{"a map grows", "growing-container", "likely", 77, 1.5, "bound it", "f-1"}};
  process.snapshots = {"/tmp/a.seep"};
  Json json = Json::parse(watch_json(state, {1'795'999'000 * kSecond, 1000, 500}));
  EXPECT_EQ(json["schema"], "seep.watch/1");
  EXPECT_EQ(json["rounds"], 500);
  EXPECT_TRUE(json["store"].is_null());
  const Json& told = json["processes"][0];
  EXPECT_EQ(told["figures"].size(), monitor::kFigures);
  EXPECT_EQ(told["figures"]["goroutines"], 48'112);
  EXPECT_TRUE(told["figures"]["pss_bytes"].is_null());
  EXPECT_EQ(told["verdict"], "leak");
  EXPECT_EQ(told["verdict_series"], "live heap");
  EXPECT_EQ(told["forecast"]["reached_in_s"], 100);
  EXPECT_TRUE(told["forecast"]["reached_in_s_high"].is_null());
  EXPECT_EQ(told["series"][0]["samples"], 700);
  EXPECT_TRUE(told["series"][0]["detectable_rate_per_s"].is_null());
  // A hundred seconds before the newest sample.
  EXPECT_EQ(told["restarts"][0], "2026-11-30T00:51:40.000Z");
  EXPECT_EQ(told["findings"][0]["remedy"], "bound it");
  EXPECT_EQ(told["snapshots"][0], "/tmp/a.seep");
  EXPECT_EQ(told["limit_bytes"], std::uint64_t{2} << 30);
  EXPECT_TRUE(told["container"].is_null());
}

TEST_F(WatchLinesTest, json_survives_names_that_are_no_text) {
  WatchState state;
  state.processes = {gateway()};
  state.processes[0].program = "\xff\xfe";
  EXPECT_FALSE(Json::parse(watch_json(state, {})).empty());
}

}  // namespace
}  // namespace seep::report
