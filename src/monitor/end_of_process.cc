#include "monitor/end_of_process.h"

#include "base/count_text.h"
#include "base/diagnostics.h"

namespace seep::monitor {

namespace {

/// Memory this near to the limit when a process ended may be why.
constexpr double kNearLimit = 0.9;
/// From a shorter course no cause is told.
constexpr double kShortestRun = 60;

double last_of(const Series& series) {
  return series.samples.empty() ? 0 : series.samples.back().value;
}

}  // namespace

std::optional<OomEnd> explain_end(const EndOfProcess& end, const VerdictRules& rules) {
  double rss = last_of(end.rss);
  bool full = end.limit > 0 && rss >= kNearLimit * end.limit;
  if (!end.counted && !full) return std::nullopt;
  OomEnd oom{
      end.when.boot_ns, end.when.wall_ns, end.counted, static_cast<std::uint64_t>(end.limit), {}};
  if (end.run_s < kShortestRun) {
    oom.answer.evidence.push_back("it was watched for " + duration_text(end.run_s) +
                                  " only, too short to tell the cause");
    return oom;
  }
  // One of several processes of a group is killed for what they all use.
  bool alone = rss >= last_of(end.cgroup_usage) / 2;
  Diagnostics diagnostics;
  oom.answer = oom_cause(alone ? end.rss : end.cgroup_usage, end.limit, end.counted, diagnostics,
                         {.series = rules});
  return oom;
}

}  // namespace seep::monitor
