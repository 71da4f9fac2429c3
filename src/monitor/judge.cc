#include "monitor/judge.h"

#include <time.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "base/count_text.h"
#include "base/diagnostics.h"
#include "monitor/end_of_process.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {

namespace {

constexpr double kSecond = 1e9;
constexpr std::array<SeriesKind, 6> kKinds = {SeriesKind::kLiveHeap,   SeriesKind::kHeapInUse,
                                              SeriesKind::kRss,        SeriesKind::kStacks,
                                              SeriesKind::kGoroutines, SeriesKind::kOpenFiles};
/// A run so long is also judged by its last two hours.
constexpr double kLongRun = 8 * 3600;

double processor_seconds() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / kSecond;
}

double value_of(const ProcessSample& sample, Figure figure) {
  return static_cast<double>(sample[figure].value_or(0));
}

ProcessSeries limits_of(const WatchedProcess& process, std::uint64_t host_bytes) {
  ProcessSeries series;
  series.memory_limit = value_of(process.latest, Figure::kCgroupLimit);
  series.limit_source = "cgroup";
  if (!(series.memory_limit > 0)) {
    series.memory_limit = static_cast<double>(host_bytes);
    series.limit_source = "host";
  }
  series.go_limit = value_of(process.latest, Figure::kMemoryLimit);
  series.file_limit = static_cast<double>(process.file_limit.value_or(0));
  return series;
}

const SeriesVerdict* leading(const ProcessVerdict& verdict) {
  for (const SeriesVerdict& one : verdict.series)
    if (verdict.leading == one.series) return &one;
  return nullptr;
}

/// Whether the figure is now where it never was before the window began: the morning of a day like
/// others is not.
bool is_new_ground(const SeriesVerdict& now, const Series& whole, const Series& window) {
  if (window.samples.empty()) return false;
  double highest = 0;
  for (const Sample& sample : whole.samples) {
    if (sample.monotonic_ns >= window.samples.front().monotonic_ns) break;
    highest = std::max(highest, sample.value);
  }
  return now.level > highest;
}

/// What the last two hours of a long run say, if it is an alarm that the whole does not show.
std::optional<ProcessVerdict> recent_alarm(const Course& course, ProcessSeries series,
                                           const ProcessRules& rules, Diagnostics& diagnostics) {
  for (SeriesKind kind : kKinds) series.series.push_back(course.recent(kind));
  ProcessVerdict verdict = judge_process(series, diagnostics, rules);
  const SeriesVerdict* lead = leading(verdict);
  if (!is_alarm(verdict.kind) || !lead) return std::nullopt;
  if (!is_new_ground(*lead, course.whole(lead->series), course.recent(lead->series)))
    return std::nullopt;
  verdict.evidence.push_back("this began in the last two hours, and is higher than ever in the " +
                             duration_text(course.span_s()) + " that are known");
  return verdict;
}

}  // namespace

double Judge::until_next_s(const Course& course) const {
  return std::clamp(course.run_span_s() * rules_.share_of_age, rules_.least_s, rules_.most_s);
}

bool Judge::judge(Sampler& sampler, std::size_t index) const {
  WatchedProcess& process = sampler.state().processes[index];
  const Course& course = sampler.course(index);
  Diagnostics diagnostics;
  ProcessSeries series = limits_of(process, rules_.host_bytes);
  ProcessSeries whole = series;
  for (SeriesKind kind : kKinds) {
    Series one = course.whole(kind);
    if (!one.samples.empty()) whole.series.push_back(std::move(one));
  }
  ProcessVerdict verdict = judge_process(whole, diagnostics, rules_.process);
  if (!is_alarm(verdict.kind) && course.run_span_s() > kLongRun) {
    std::optional<ProcessVerdict> recent =
        recent_alarm(course, std::move(series), rules_.process, diagnostics);
    if (recent) verdict = std::move(*recent);
  }
  bool changed = !process.verdict || process.verdict->kind != verdict.kind;
  process.verdict = std::move(verdict);
  return changed;
}

std::vector<std::size_t> Judge::round(Sampler& sampler, Instant now) {
  double passed =
      last_round_ns_ == 0 ? 0 : static_cast<double>(now.boot_ns - last_round_ns_) / kSecond;
  last_round_ns_ = now.boot_ns;
  // What was not spent is not saved for long: no burst after a rest.
  saved_s_ =
      std::min(saved_s_ + passed * rules_.processor_share, rules_.least_s * rules_.processor_share);
  const std::vector<WatchedProcess>& processes = sampler.state().processes;
  std::map<Key, std::int64_t> due;
  std::vector<std::pair<std::int64_t, std::size_t>> waiting;
  for (std::size_t i = 0; i < processes.size(); ++i) {
    if (processes[i].ended) continue;
    Key key{processes[i].identity.pid, processes[i].identity.start_ticks};
    auto known = due_ns_.find(key);
    // A new one has its first verdict, "too short", at once: it says how long it takes.
    std::int64_t at = known == due_ns_.end() ? now.boot_ns : known->second;
    due[key] = at;
    if (at <= now.boot_ns) waiting.emplace_back(at, i);
  }
  due_ns_ = std::move(due);
  std::ranges::sort(waiting);
  std::vector<std::size_t> changed;
  for (const auto& [at, index] : waiting) {
    double before = processor_seconds();
    if (judge(sampler, index)) changed.push_back(index);
    saved_s_ -= processor_seconds() - before;
    const ProcessIdentity& identity = processes[index].identity;
    double wait_s = until_next_s(sampler.course(index));
    due_ns_[{identity.pid, identity.start_ticks}] =
        now.boot_ns + static_cast<std::int64_t>(wait_s * kSecond);
    if (saved_s_ <= 0) break;
  }
  return changed;
}

void Judge::judge_all(Sampler& sampler) {
  for (std::size_t i = 0; i < sampler.state().processes.size(); ++i) judge(sampler, i);
}

void Judge::explain_end(Sampler& sampler, std::size_t index, bool counted, Instant when) const {
  WatchedProcess& process = sampler.state().processes[index];
  const Course& course = sampler.course(index);
  EndOfProcess end{.rss = course.whole(SeriesKind::kRss),
                   .cgroup_usage = course.cgroup_usage(),
                   .run_s = course.run_span_s(),
                   .limit = limits_of(process, rules_.host_bytes).memory_limit,
                   .counted = counted,
                   .when = when};
  std::optional<OomEnd> oom = monitor::explain_end(end, rules_.process.series);
  if (oom) process.oom = std::move(oom);
}

}  // namespace seep::monitor
