#include "monitor/oom_cause.h"

#include <algorithm>
#include <span>

#include "base/count_text.h"
#include "monitor/order_statistics.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {

namespace {

constexpr double kTenMinutes = 600;

double median_of(std::span<const Point> points) {
  std::vector<double> values;
  for (const Point& point : points) values.push_back(point.value);
  return median(std::move(values));
}

/// Seconds from when it was last below the level, to the end.
double time_since_below(const std::vector<Point>& points, double level) {
  for (std::size_t i = points.size(); i-- > 0;)
    if (points[i].value < level) return points.back().time_s - points[i].time_s;
  return points.back().time_s - points.front().time_s;
}

/// The run before its last climb, on which the question is whether it was rising already.
Run before_climb(const Run& run, double climb_s) {
  Run rest = run;
  double end = run.end_s() - climb_s;
  while (!rest.points.empty() && rest.points.back().time_s > end) rest.points.pop_back();
  return rest;
}

}  // namespace

std::string_view name_of(OomCause cause) {
  switch (cause) {
    case OomCause::kLimitTooSmall:
      return "limit-too-small";
    case OomCause::kTooMuchData:
      return "too-much-data";
    case OomCause::kLeak:
      return "leak";
  }
  return "leak";
}

OomAnswer oom_cause(const Series& memory, double limit, bool killed, Diagnostics& diagnostics,
                    const OomRules& rules) {
  OomAnswer answer;
  std::vector<Run> runs = runs_of(memory, diagnostics);
  if (runs.empty() || !(limit > 0)) return answer;
  const Run& run = runs.back();
  const std::vector<Point>& points = run.points;
  auto size = [&](double value) { return value_text(memory.kind, value); };
  std::size_t last = std::max<std::size_t>(3, points.size() / 50);
  double peak = 0;
  for (std::size_t i = points.size() - std::min(last, points.size()); i < points.size(); ++i)
    peak = std::max(peak, points[i].value);
  if (!killed && peak < rules.reached * limit) {
    answer.evidence.push_back("memory reaches " + size(peak) + " of the limit of " + size(limit) +
                              ": it has not run out");
    return answer;
  }
  double base = median_of(points);
  double half_way = base + (limit - base) / 2;
  double climb = time_since_below(points, half_way);
  bool quick =
      climb <= std::max(rules.quick * run.span_s(), std::min(kTenMinutes, run.span_s() / 3));
  // Twice the upper half of the way: where the climb began.
  SeriesVerdict whole = judge_run(memory.kind, run, limit, rules.series);
  SeriesVerdict before = judge_run(
      memory.kind, before_climb(run, std::min(2 * climb, run.span_s() / 3)), limit, rules.series);
  if (is_alarm(before.kind) && (is_alarm(whole.kind) || !quick)) {
    answer.cause = OomCause::kLeak;
    answer.evidence = before.evidence;
  } else if (base >= rules.small_base * limit && !is_alarm(whole.kind)) {
    answer.cause = OomCause::kLimitTooSmall;
    answer.evidence.push_back("half of the time memory was above " + size(base) + ", " +
                              percent_text(base, limit) + " of the limit of " + size(limit) +
                              ", without growing");
  } else if (quick && base < rules.small_base * limit) {
    answer.cause = OomCause::kTooMuchData;
    answer.evidence.push_back("memory was at " + size(base) + ", " + percent_text(base, limit) +
                              " of the limit, and the upper half of the way to it took " +
                              duration_text(climb) + " of " + duration_text(run.span_s()));
  } else if (is_alarm(whole.kind)) {
    answer.cause = OomCause::kLeak;
    answer.evidence = whole.evidence;
  } else {
    answer.evidence.push_back(
        "the way to the limit was neither steady nor short: the series does "
        "not tell the cause");
  }
  return answer;
}

}  // namespace seep::monitor
