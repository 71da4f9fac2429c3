#include "monitor/process_verdict.h"

#include <algorithm>
#include <array>

#include "base/byte_size.h"
#include "base/count_text.h"
#include "monitor/order_statistics.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {

namespace {

/// What the Go runtime and the program's text hold beside heap and stacks.
constexpr double kRuntimeBytes = 32.0 * (1 << 20);
/// Which series speaks first when several grow: the nearest to the cause.
constexpr std::array<SeriesKind, 5> kByCause = {SeriesKind::kGoroutines, SeriesKind::kLiveHeap,
                                                SeriesKind::kStacks, SeriesKind::kRss,
                                                SeriesKind::kOpenFiles};

std::string size_text(double bytes) { return value_text(SeriesKind::kRss, bytes); }

const SeriesVerdict* find(const ProcessVerdict& verdict, SeriesKind kind) {
  for (const SeriesVerdict& one : verdict.series)
    if (one.series == kind && one.trend.samples > 0) return &one;
  return nullptr;
}

/// The height of the last tenth of the run, but for a twentieth of its peaks.
double height_now(const SeriesVerdict& verdict) {
  const std::vector<Point>& all = verdict.trend.ceilings;
  std::vector<double> values;
  for (std::size_t i = all.size() - std::max<std::size_t>(1, all.size() / 10); i < all.size(); ++i)
    values.push_back(all[i].value);
  return quantile(std::move(values), 0.95);
}

double limit_of(SeriesKind kind, const ProcessSeries& process) {
  if (kind == SeriesKind::kOpenFiles) return process.file_limit;
  return is_bytes(kind) ? process.memory_limit : 0;
}

const SeriesVerdict* leading_alarm(const ProcessVerdict& verdict) {
  for (VerdictKind kind : {VerdictKind::kLeak, VerdictKind::kGrowing}) {
    for (SeriesKind series : kByCause) {
      const SeriesVerdict* one = find(verdict, series);
      if (one && one->kind == kind) return one;
    }
  }
  // The heap in use grows with the collector's goal; it counts only where nothing better is known.
  const SeriesVerdict* in_use = find(verdict, SeriesKind::kHeapInUse);
  bool alone = !find(verdict, SeriesKind::kLiveHeap);
  return in_use && alone && is_alarm(in_use->kind) ? in_use : nullptr;
}

void consider(std::optional<Forecast>& first, std::optional<Forecast> other) {
  if (other && (!first || other->reached_s < first->reached_s)) first = std::move(other);
}

/// Whichever limit is reached first. The heap reaches the memory limit together with what RSS holds
/// beside it.
std::optional<Forecast> first_limit(const ProcessVerdict& verdict, const ProcessSeries& process) {
  std::optional<Forecast> first;
  const SeriesVerdict* rss = find(verdict, SeriesKind::kRss);
  const SeriesVerdict* heap = find(verdict, SeriesKind::kLiveHeap);
  const SeriesVerdict* files = find(verdict, SeriesKind::kOpenFiles);
  if (rss && is_alarm(rss->kind)) {
    consider(first, forecast(*rss, process.memory_limit));
  } else if (heap && is_alarm(heap->kind) && process.memory_limit > 0) {
    double beside = rss ? std::max(0.0, height_now(*rss) - height_now(*heap)) : kRuntimeBytes;
    if (process.memory_limit > beside)
      consider(first, forecast(*heap, process.memory_limit - beside));
  }
  if (heap) consider(first, forecast(*heap, process.go_limit));
  if (files) consider(first, forecast(*files, process.file_limit));
  return first;
}

void explain_alarm(ProcessVerdict& verdict) {
  const SeriesVerdict* heap = find(verdict, SeriesKind::kLiveHeap);
  const SeriesVerdict* in_use = find(verdict, SeriesKind::kHeapInUse);
  if (*verdict.leading == SeriesKind::kRss && heap && !is_alarm(heap->kind)) {
    verdict.evidence.push_back(
        "RSS grows and the live heap does not: the growth is outside of what "
        "Go has allocated and still uses");
    if (in_use && is_alarm(in_use->kind))
      verdict.evidence.push_back(
          "the heap in use grows with it: garbage that the collector's goal "
          "allows, or spans that are hardly filled");
  }
  if (*verdict.leading == SeriesKind::kGoroutines && heap && is_alarm(heap->kind))
    verdict.evidence.push_back("the live heap grows with the goroutines, by " +
                               rate_text(SeriesKind::kLiveHeap, heap->rate));
}

/// RSS far above heap, stacks and the runtime's own.
bool has_gap(ProcessVerdict& verdict, const ProcessRules& rules) {
  const SeriesVerdict* rss = find(verdict, SeriesKind::kRss);
  const SeriesVerdict* heap = find(verdict, SeriesKind::kLiveHeap);
  const SeriesVerdict* in_use = find(verdict, SeriesKind::kHeapInUse);
  const SeriesVerdict* stacks = find(verdict, SeriesKind::kStacks);
  if (!rss || (!heap && !in_use)) return false;
  // Without better knowledge the collector lets the heap double between two collections.
  double used = in_use ? height_now(*in_use) : 2 * height_now(*heap);
  double known = used + (stacks ? height_now(*stacks) : 0) + kRuntimeBytes;
  double gap = rss->level - known;
  if (gap < rules.gap_bytes || gap < rules.gap_share * known) return false;
  verdict.evidence.push_back("RSS is at " + size_text(rss->level) +
                             ", heap, stacks and runtime hold " + size_text(known) + ": " +
                             size_text(gap) + " are something else");
  return true;
}

bool is_near_limit(ProcessVerdict& verdict, const ProcessSeries& process,
                   const ProcessRules& rules) {
  const SeriesVerdict* rss = find(verdict, SeriesKind::kRss);
  if (!rss || !(process.memory_limit > 0)) return false;
  double height = height_now(*rss);
  if (height < rules.near_limit * process.memory_limit) return false;
  std::string whose = process.limit_source.empty() ? "" : " of the " + process.limit_source;
  verdict.evidence.push_back(
      "RSS reaches " + size_text(height) + ", " + percent_text(height, process.memory_limit) +
      " of the limit" + whose + " of " + size_text(process.memory_limit) +
      (rss->kind == VerdictKind::kInconclusive ? "; whether it grows is not known yet"
                                               : ", and does not grow"));
  return true;
}

}  // namespace

ProcessVerdict judge_process(const ProcessSeries& process, Diagnostics& diagnostics,
                             const ProcessRules& rules) {
  ProcessVerdict verdict;
  for (const Series& series : process.series)
    verdict.series.push_back(
        judge(series, limit_of(series.kind, process), diagnostics, rules.series));
  const SeriesVerdict* main = find(verdict, SeriesKind::kLiveHeap);
  if (!main) main = find(verdict, SeriesKind::kRss);
  if (!main) main = find(verdict, SeriesKind::kHeapInUse);
  if (main) verdict.leading = main->series;
  if (const SeriesVerdict* alarm = leading_alarm(verdict)) {
    verdict.kind = alarm->kind;
    verdict.leading = alarm->series;
    verdict.forecast = first_limit(verdict, process);
    if (verdict.forecast) verdict.evidence.push_back(verdict.forecast->evidence);
    explain_alarm(verdict);
    return verdict;
  }
  bool gap = has_gap(verdict, rules);
  bool near = is_near_limit(verdict, process, rules);
  if (near || gap) {
    verdict.kind = near ? VerdictKind::kNearLimit : VerdictKind::kRssGap;
    verdict.leading = SeriesKind::kRss;
  } else if (main) {
    verdict.kind = main->kind;
  }
  return verdict;
}

}  // namespace seep::monitor
