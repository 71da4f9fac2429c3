// A watch that is made up: processes with courses of every kind, for tests of what shows them.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "monitor/watched_process.h"

namespace seep::test {

inline constexpr double kMib = 1 << 20;
inline constexpr std::int64_t kSecondNs = 1000000000;

/// What a process holds after a share of 0 … 1 of the time, in MiB, and its goroutines.
struct DrawnMemory {
  double live = 0;
  double rest = 0;
  double idle = 0;
  double other = 8;
  double goroutines = 20;
};

inline monitor::ProcessSample drawn_sample(std::int64_t second, const DrawnMemory& memory,
                                           bool go = true) {
  using monitor::Figure;
  monitor::ProcessSample sample;
  sample.monotonic_ns = second * kSecondNs;
  sample.wall_ns = sample.monotonic_ns;
  auto set = [&](Figure figure, double mib) {
    sample[figure] = static_cast<std::int64_t>(mib * kMib);
  };
  double stacks = memory.goroutines * 8 / 1024;
  double metadata = (memory.live + memory.rest) / 40 + 2;
  double anonymous =
      memory.other + (go ? memory.live + memory.rest + memory.idle + stacks + metadata : 0);
  set(Figure::kAnonymous, anonymous);
  set(Figure::kFile, 6);
  set(Figure::kShared, 0);
  set(Figure::kRss, anonymous + 6);
  sample[Figure::kThreads] = 12;
  sample[Figure::kOpenFiles] = 40;
  if (!go) return sample;
  set(Figure::kHeapMarked, memory.live);
  set(Figure::kHeapInUse, memory.live + memory.rest);
  set(Figure::kHeapIdle, memory.idle + 5);
  set(Figure::kHeapReleased, 5);
  set(Figure::kStacks, stacks);
  set(Figure::kMetadata, metadata);
  sample[Figure::kGoroutines] = static_cast<std::int64_t>(memory.goroutines);
  return sample;
}

inline monitor::WatchedProcess drawn_process(std::uint32_t pid, const std::string& program,
                                             const std::string& go_version, std::int64_t seconds,
                                             const std::function<DrawnMemory(double)>& course) {
  monitor::WatchedProcess process;
  process.identity = {.pid = pid, .start_ticks = pid, .boot_id = "boot"};
  process.program = program;
  process.go_version = go_version;
  for (std::int64_t second = 0; second <= seconds; ++second) {
    double share = static_cast<double>(second) / static_cast<double>(seconds);
    process.history.push_back(drawn_sample(second, course(share), !go_version.empty()));
  }
  process.latest = process.history.back();
  return process;
}

inline monitor::SeriesVerdict drawn_series(monitor::SeriesKind series, monitor::VerdictKind kind,
                                           double rate, std::string evidence) {
  monitor::SeriesVerdict verdict;
  verdict.series = series;
  verdict.kind = kind;
  verdict.rate = rate;
  verdict.evidence = {std::move(evidence)};
  return verdict;
}

inline double tooth(double share, double height) {
  return height * (share * 17 - std::floor(share * 17));
}

inline monitor::WatchedProcess drawn_leak(std::int64_t seconds) {
  using namespace monitor;
  WatchedProcess gateway =
      drawn_process(4242, "gateway", "go1.22.5", seconds, [](double share) -> DrawnMemory {
        return {.live = 180 + 1100 * share,
                .rest = 40 + tooth(share, 90 + 60 * share),
                .idle = 25,
                .other = 41,
                .goroutines = 400 + 47700 * share};
      });
  gateway.container_short = "3f9d2c1ab770";
  gateway.memory_limit = std::uint64_t{2} << 30;
  gateway.limit_source = "cgroup";
  ProcessVerdict verdict;
  verdict.kind = VerdictKind::kLeak;
  verdict.leading = SeriesKind::kGoroutines;
  SeriesVerdict goroutines =
      drawn_series(SeriesKind::kGoroutines, VerdictKind::kLeak, 13.25,
                   "goroutines rises by 47,700/h (90 %: 47,100/h to 48,300/h), 47,700 in 1 h");
  goroutines.evidence.push_back(
      "the slope is more than 100 times its error; Mann-Kendall p = below 0.0001, corrected for "
      "autocorrelation by 1.8");
  goroutines.evidence.push_back(
      "no plateau: the second half rises at 1.01 times the first half's rate");
  verdict.series = {goroutines,
                    drawn_series(SeriesKind::kLiveHeap, VerdictKind::kLeak, 1100 * kMib / 3600,
                                 "live heap rises by 1.07 GiB/h (90 %: 1.05 GiB/h to 1.09 GiB/h), "
                                 "1.07 GiB in 1 h"),
                    drawn_series(SeriesKind::kOpenFiles, VerdictKind::kHealthy, 0,
                                 "open files is at 40 without a sure trend")};
  verdict.forecast = Forecast{.limit = static_cast<double>(*gateway.memory_limit),
                              .reached_s = 10200,
                              .low_s = 8400,
                              .high_s = 12600,
                              .evidence =
                                  "at this rate RSS reaches 2.00 GiB in 2 h 50 min (90 %: 2 h "
                                  "20 min to 3 h 30 min)"};
  verdict.evidence = {verdict.forecast->evidence,
                      "the live heap grows with the goroutines, by 1.07 GiB/h"};
  gateway.verdict = verdict;
  return gateway;
}

inline monitor::ProcessVerdict drawn_verdict(monitor::VerdictKind kind, std::string evidence) {
  monitor::ProcessVerdict verdict;
  verdict.kind = kind;
  verdict.leading = monitor::SeriesKind::kLiveHeap;
  verdict.series = {drawn_series(monitor::SeriesKind::kLiveHeap, kind, 0, std::move(evidence))};
  return verdict;
}

/// A leak, a healthy one with a sawtooth, one that began anew, one with a gap in its samples, one
/// that grows near its limit, one far above its heap, one not judged yet, one that has ended, and
/// one that is no Go program; an hour of them at one sample a second.
inline monitor::WatchState drawn_watch(std::int64_t seconds = 3600) {
  using namespace monitor;
  WatchState state;
  state.wall_ns = (std::int64_t{14} * 3600 + 3 * 60 + 22) * kSecondNs;
  state.store = "/var/lib/seep/watch.db";
  state.processes.push_back(drawn_leak(seconds));

  WatchedProcess healthy = drawn_process(
      977, "billing", "go1.26.11 X:nogreenteagc", seconds, [](double share) -> DrawnMemory {
        return {.live = 171, .rest = 20 + tooth(share * 3, 170), .idle = 30, .goroutines = 212};
      });
  healthy.memory_limit = std::uint64_t{1} << 30;
  healthy.limit_source = "cgroup";
  healthy.verdict =
      drawn_verdict(VerdictKind::kHealthy, "live heap is at 171 MiB without a sure trend");
  state.processes.push_back(healthy);

  WatchedProcess restarted =
      drawn_process(51200, "indexer", "go1.27.4", seconds, [](double share) -> DrawnMemory {
        double since = share < 0.6 ? share + 0.2 : share - 0.6;
        return {.live = 400 * (1 - std::exp(-6 * since)), .rest = 60, .idle = 5, .goroutines = 64};
      });
  restarted.restarts_ns = {seconds * 6 / 10 * kSecondNs};
  restarted.memory_limit = std::uint64_t{16} << 30;
  restarted.limit_source = "host";
  restarted.verdict = drawn_verdict(
      VerdictKind::kWarmingUp, "live heap rose from 1.20 MiB to 350 MiB and rises less and less");
  state.processes.push_back(restarted);

  WatchedProcess gap =
      drawn_process(8080, "queue-worker", "go1.21.13", seconds, [](double share) -> DrawnMemory {
        return {.live = 90 + 12 * std::sin(share * 25), .rest = 50, .goroutines = 1200};
      });
  std::erase_if(gap.history, [&](const ProcessSample& sample) {
    return sample.monotonic_ns > seconds * 3 / 10 * kSecondNs &&
           sample.monotonic_ns < seconds * 5 / 10 * kSecondNs;
  });
  gap.verdict =
      drawn_verdict(VerdictKind::kInconclusive, "cannot tell below 12.0 MiB/h yet; needs 4 h more");
  state.processes.push_back(gap);

  WatchedProcess near =
      drawn_process(3111, "session-store", "go1.24.13", seconds, [](double share) -> DrawnMemory {
        return {.live = 330 + 60 * share, .rest = 60, .idle = 10, .goroutines = 90};
      });
  near.memory_limit = std::uint64_t{512} << 20;
  near.limit_source = "gomemlimit";
  near.verdict = drawn_verdict(VerdictKind::kGrowing, "live heap rises by 60.0 MiB/h");
  near.verdict->series[0].rate = 60 * kMib / 3600;
  near.verdict->forecast = Forecast{.limit = 512 * kMib,
                                    .reached_s = 2900,
                                    .low_s = 2000,
                                    .high_s = 5000,
                                    .evidence = "at this rate live heap reaches 512 MiB in 48 min"};
  near.verdict->evidence = {near.verdict->forecast->evidence};
  state.processes.push_back(near);

  WatchedProcess legacy =
      drawn_process(640, "legacy", "go1.13.15", seconds, [](double share) -> DrawnMemory {
        return {.live = 172,
                .rest = 30,
                .other = share < 0.2 ? 60 + share * 4000 : 860,
                .goroutines = 31};
      });
  legacy.verdict =
      drawn_verdict(VerdictKind::kRssGap, "live heap is at 172 MiB without a sure trend");
  legacy.verdict->evidence = {
      "RSS is at 1.05 GiB, heap, stacks and runtime hold 240 MiB: 836 MiB are something else"};
  state.processes.push_back(legacy);

  state.processes.push_back(
      drawn_process(70011, "just-started", "go1.27.4", seconds,
                    [](double) -> DrawnMemory { return {.live = 4, .rest = 3, .goroutines = 9}; }));
  std::erase_if(state.processes.back().history, [&](const ProcessSample& sample) {
    return sample.monotonic_ns < seconds * 9 / 10 * kSecondNs;
  });
  WatchedProcess ended =
      drawn_process(612, "batch", "go1.25.14", seconds / 2, [](double share) -> DrawnMemory {
        return {.live = 30 + 300 * share, .rest = 40, .goroutines = 17};
      });
  ended.ended = true;
  state.processes.push_back(ended);
  state.processes.push_back(drawn_process(101, "nginx", "", seconds,
                                          [](double) -> DrawnMemory { return {.other = 25}; }));
  state.processes.back().notes = {"not a Go program: only the kernel's figures"};
  return state;
}

}  // namespace seep::test
