#include "monitor/past_ends.h"

#include <algorithm>

#include "monitor/end_of_process.h"

namespace seep::monitor {

namespace {

constexpr std::size_t kMostEnds = 100;
constexpr double kSecond = 1e9;

using Values = std::vector<Sample>;

/// The figures of a whole series that an end is told by.
struct Past {
  Values rss;
  Values usage;
  Values limit;
  Values kills;
};

Result<Past> read_past(Store& store, StoredSeriesId series, Diagnostics& diagnostics) {
  Past past;
  past.rss = TRY(store.values(series, Figure::kRss, {}, diagnostics));
  past.usage = TRY(store.values(series, Figure::kCgroupUsage, {}, diagnostics));
  past.limit = TRY(store.values(series, Figure::kCgroupLimit, {}, diagnostics));
  past.kills = TRY(store.values(series, Figure::kCgroupOomKills, {}, diagnostics));
  return past;
}

bool is_before(const Sample& sample, std::int64_t time) { return sample.monotonic_ns < time; }

/// Those from `from` to `to`.
std::span<const Sample> between(const Values& values, std::int64_t from, std::int64_t to) {
  auto begin = std::lower_bound(values.begin(), values.end(), from, is_before);
  auto end = std::lower_bound(begin, values.end(), to + 1, is_before);
  return {begin, end};
}

Series series_of(const Values& values, const StoredProcess& process) {
  std::span<const Sample> own = between(values, process.first_ns, process.last_ns);
  return {SeriesKind::kRss, {own.begin(), own.end()}, {}};
}

/// Whether the kernel counted more OOM kills in the cgroup when the next process was first seen.
bool counted_before(const Values& kills, const StoredProcess& process, const StoredProcess& next) {
  std::span<const Sample> own = between(kills, process.first_ns, process.last_ns);
  std::span<const Sample> later = between(kills, next.first_ns, next.last_ns);
  return !own.empty() && !later.empty() && later.front().value > own.back().value;
}

PastEnd end_of(const Past& past, const StoredProcess& process, const StoredProcess* next,
               std::uint64_t host_bytes, const VerdictRules& rules) {
  EndOfProcess end;
  end.rss = series_of(past.rss, process);
  end.cgroup_usage = series_of(past.usage, process);
  end.run_s = static_cast<double>(process.last_ns - process.first_ns) / kSecond;
  std::span<const Sample> limits = between(past.limit, process.first_ns, process.last_ns);
  end.limit = limits.empty() ? static_cast<double>(host_bytes) : limits.back().value;
  end.counted = process.end == EndKind::kOomKilled;
  if (!process.end && next != nullptr) end.counted = counted_before(past.kills, process, *next);
  end.when.boot_ns = process.last_ns;
  if (!end.rss.samples.empty()) end.when.wall_ns = end.rss.samples.back().wall_ns;
  return {process.identity, end.when.boot_ns, end.when.wall_ns, process.end.has_value(),
          explain_end(end, rules)};
}

}  // namespace

Result<std::vector<PastEnd>> past_ends(Store& store, const StoredSeries& series,
                                       bool newest_is_gone, std::uint64_t host_bytes,
                                       Diagnostics& diagnostics, const VerdictRules& rules) {
  const std::vector<StoredProcess>& processes = series.processes;
  std::size_t count = processes.size();
  if (!processes.back().end && !newest_is_gone) --count;
  if (count == 0) return std::vector<PastEnd>{};
  std::size_t first = count > kMostEnds ? count - kMostEnds : 0;
  diagnostics.count("ends of processes beyond the newest of a program", first);
  Past past = TRY(read_past(store, series.id, diagnostics));
  std::vector<PastEnd> ends;
  for (std::size_t i = first; i < count; ++i) {
    const StoredProcess* next = i + 1 < processes.size() ? &processes[i + 1] : nullptr;
    ends.push_back(end_of(past, processes[i], next, host_bytes, rules));
  }
  return ends;
}

}  // namespace seep::monitor
