#include "monitor/verdict_text.h"

#include <algorithm>
#include <cmath>

#include "base/byte_size.h"
#include "base/count_text.h"

namespace seep::monitor {

namespace {

constexpr double kHour = 3600;

std::string amount_text(SeriesKind kind, double value) {
  std::uint64_t whole = static_cast<std::uint64_t>(std::llround(std::clamp(value, 0.0, 1e18)));
  return is_bytes(kind) ? to_text(ByteSize(whole)) : count_text(whole);
}

std::string fixed(double value, int digits) {
  double unit = std::pow(10, digits);
  std::string text = std::to_string(std::round(value * unit) / unit);
  std::size_t point = text.find('.');
  return text.substr(0, digits == 0 ? point : point + 1 + static_cast<std::size_t>(digits));
}

std::string interval_text(const SeriesVerdict& verdict) {
  return rate_text(verdict.series, verdict.rate_low) + " to " +
         rate_text(verdict.series, verdict.rate_high);
}

std::string times_text(double times) { return times > 100 ? "more than 100" : fixed(times, 1); }

/// The part that the verdict's rate was taken from.
const Part& grown_part(const SeriesVerdict& verdict) {
  const Trend& trend = verdict.trend;
  if (verdict.rate == trend.recent.line.slope) return trend.recent;
  if (verdict.rate == trend.whole.line.slope) return trend.whole;
  return verdict.rate == trend.coarse.line.slope ? trend.coarse : trend.since_fall;
}

void describe_growth(SeriesVerdict& verdict) {
  std::string name(name_of(verdict.series));
  const Part& part = grown_part(verdict);
  verdict.evidence.push_back(name + " rises by " + rate_text(verdict.series, verdict.rate) +
                             " (90 %: " + interval_text(verdict) + "), " +
                             amount_text(verdict.series, verdict.rise) + " in " +
                             duration_text(verdict.growing_s));
  verdict.evidence.push_back("the slope is " + times_text(part.line.significance()) +
                             " times its error; Mann-Kendall p = " +
                             (part.test.p < 1e-4 ? "below 0.0001" : fixed(part.test.p, 4)) +
                             ", corrected for autocorrelation by " +
                             fixed(part.test.correction, 1));
  verdict.evidence.push_back("no plateau: the second half rises at " + fixed(part.late_ratio, 2) +
                             " times the first half's rate");
  if (verdict.kind == VerdictKind::kGrowing)
    verdict.evidence.push_back(
        "too short or too little yet to exclude a filling cache or the load of the day");
}

void describe_floor(SeriesVerdict& verdict) {
  if (std::isfinite(verdict.detectable_rate)) {
    std::string floor = rate_text(verdict.series, verdict.detectable_rate);
    if (verdict.needs_s)
      verdict.evidence.push_back("cannot tell below " + floor + " yet; needs " +
                                 duration_text(*verdict.needs_s) + " more");
    else
      verdict.evidence.push_back("growth below " + floor + " would not be seen in " +
                                 duration_text(verdict.trend.recent.line.span_s));
  } else if (verdict.needs_s) {
    verdict.evidence.push_back("too short to judge: needs " + duration_text(*verdict.needs_s) +
                               " more");
  }
}

void describe_course(SeriesVerdict& verdict) {
  const Trend& trend = verdict.trend;
  std::string name(name_of(verdict.series));
  if (verdict.kind == VerdictKind::kWarmingUp)
    verdict.evidence.push_back(
        name + " rose from " + amount_text(verdict.series, trend.start_level()) + " to " +
        amount_text(verdict.series, verdict.level) + " and rises less and less");
  else if (trend.recent.first > 0)
    verdict.evidence.push_back(
        name + " changed its course " + duration_text(trend.end_s - trend.recent.start_s()) +
        " ago and is at " + amount_text(verdict.series, verdict.level) + " since");
  else
    verdict.evidence.push_back(name + " is at " + amount_text(verdict.series, verdict.level) +
                               " without a sure trend");
}

}  // namespace

std::string value_text(SeriesKind kind, double value) {
  std::string text = amount_text(kind, value);
  if (kind == SeriesKind::kGoroutines) text += " goroutines";
  if (kind == SeriesKind::kOpenFiles) text += " open files";
  return text;
}

std::string rate_text(SeriesKind kind, double per_second) {
  double hourly = per_second * kHour;
  double one = is_bytes(kind) ? 1 << 20 : 1;
  bool daily = std::abs(hourly) < one;
  std::string sign = hourly < 0 ? "-" : "";
  return sign + amount_text(kind, std::abs(daily ? hourly * 24 : hourly)) + (daily ? "/d" : "/h");
}

std::string restarts_text(std::size_t restarts) {
  return counted(restarts, "restart") + " in this time: what was before the last is judged apart";
}

std::string earlier_run_text(std::size_t restarts_since) {
  return "seen before the last " +
         (restarts_since == 1 ? "restart" : counted(restarts_since, "restart")) +
         "; the run since is too young to say whether it does the same";
}

std::string settled_before_text(SeriesKind kind, double level) {
  return "rises, as it did after an earlier start, when it settled at " + value_text(kind, level);
}

void describe(SeriesVerdict& verdict, const VerdictRules& rules) {
  const Trend& trend = verdict.trend;
  if (trend.samples == 0) {
    verdict.evidence.push_back("no sample of " + std::string(name_of(verdict.series)));
    return;
  }
  if (is_alarm(verdict.kind))
    describe_growth(verdict);
  else if (trend.samples >= rules.fewest_samples)
    describe_course(verdict);
  if (trend.wave)
    verdict.evidence.push_back(
        "a daily wave of " + amount_text(verdict.series, trend.wave->height()) + " was taken out");
  if (!is_alarm(verdict.kind)) describe_floor(verdict);
  if (trend.longest_gap_s > 5 * trend.interval_s && trend.longest_gap_s > 0.05 * trend.span_s)
    verdict.evidence.push_back("nothing was sampled for " + duration_text(trend.longest_gap_s));
}

}  // namespace seep::monitor
