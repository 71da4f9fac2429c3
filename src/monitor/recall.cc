#include "monitor/recall.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "procfs/container.h"

namespace seep::monitor {

namespace {

/// So many programs are remembered, the newest.
constexpr std::size_t kMostRecalled = 512;

std::int64_t last_ns(const StoredSeries& series) { return series.processes.back().last_ns; }

/// What the times of a store are moved by to be on the clock of this boot. The store's are on that
/// of its newest boot; between two boots the wall clock is all there is.
std::int64_t shift_of(const std::vector<StoredSeries>& all, const std::string& boot_id,
                      std::int64_t newest_wall_ns, Instant now) {
  std::int64_t newest_ns = 0;
  for (const StoredSeries& series : all) {
    for (const StoredProcess& process : series.processes)
      if (process.identity.boot_id == boot_id) return 0;
    newest_ns = std::max(newest_ns, last_ns(series));
  }
  std::int64_t there = now.boot_ns - (now.wall_ns - newest_wall_ns);
  return std::min<std::int64_t>(there, -1) - newest_ns;
}

Result<void> recall_samples(Store& store, const StoredSeries& series, std::int64_t shift_ns,
                            std::size_t index, Sampler& sampler, Diagnostics& diagnostics) {
  std::vector<std::int64_t> restarts = restarts_of(series);
  std::size_t next = 0;
  return store.each_sample(series.id, {}, diagnostics, [&](const ProcessSample& stored) {
    for (; next < restarts.size() && restarts[next] <= stored.monotonic_ns; ++next)
      sampler.remember_restart(index, restarts[next] + shift_ns);
    ProcessSample sample = stored;
    sample.monotonic_ns += shift_ns;
    sampler.remember_sample(index, sample);
  });
}

Result<void> recall_series(Store& store, const StoredSeries& series, std::int64_t shift_ns,
                           Sampler& sampler, const Judge& judge, Diagnostics& diagnostics) {
  const StoredProcess& newest = series.processes.back();
  WatchedProcess past;
  past.identity = newest.identity;
  past.program = series.name.program;
  past.executable = series.name.executable;
  past.go_version = series.name.go_version;
  past.container = series.name.container;
  if (!past.container.empty()) past.container_short = procfs::short_name({{}, past.container, {}});
  std::size_t index = sampler.remember(std::move(past));
  TRY(recall_samples(store, series, shift_ns, index, sampler, diagnostics));
  const ProcessSample& latest = sampler.state().processes[index].latest;
  if (newest.end)
    judge.explain_end(sampler, index, newest.end == EndKind::kOomKilled,
                      {latest.monotonic_ns, latest.wall_ns});
  return {};
}

}  // namespace

Result<void> recall(Store& store, const Recollection& what, Sampler& sampler, const Judge& judge,
                    Diagnostics& diagnostics) {
  std::vector<StoredSeries> all = TRY(store.series(diagnostics));
  if (all.empty()) return {};
  std::ranges::sort(
      all, [](const StoredSeries& a, const StoredSeries& b) { return last_ns(a) > last_ns(b); });
  TimeRange newest{last_ns(all.front()), last_ns(all.front())};
  std::vector<ProcessSample> last = TRY(store.samples(all.front().id, newest, diagnostics));
  std::int64_t newest_wall_ns = last.empty() ? what.now.wall_ns : last.back().wall_ns;
  std::int64_t shift_ns = shift_of(all, what.boot_id, newest_wall_ns, what.now);
  std::size_t recalled = 0;
  for (const StoredSeries& series : all) {
    if (!what.wanted(series.name)) continue;
    if (++recalled > kMostRecalled) {
      diagnostics.count("programs beyond the newest that are remembered");
      continue;
    }
    TRY(recall_series(store, series, shift_ns, sampler, judge, diagnostics));
  }
  return {};
}

}  // namespace seep::monitor
