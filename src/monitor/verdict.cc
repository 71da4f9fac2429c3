#include "monitor/verdict.h"

#include <algorithm>
#include <cmath>

#include "base/count_text.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {

namespace {

/// What a rise must be at least to matter at all.
double material_rise(SeriesKind kind, double level, const VerdictRules& rules) {
  if (kind == SeriesKind::kGoroutines)
    return std::max(rules.material_goroutines, rules.material_share_counts * level);
  if (kind == SeriesKind::kOpenFiles)
    return std::max(rules.material_files, rules.material_share_counts * level);
  return std::max(rules.material_bytes, rules.material_share * level);
}

/// The rate that would use up what is left below the limit in `within_s`; without one, double the
/// level, or bring `unlimited` if that is more.
double rate_reaching(double level, double limit, double material, double unlimited,
                     double within_s) {
  double room = limit > level ? limit - level : std::max({level, material, unlimited});
  return std::max(room, material) / within_s;
}

class Judge {
 public:
  Judge(SeriesKind kind, const Trend& trend, double limit, const VerdictRules& rules)
      : kind_(kind), trend_(trend), limit_(limit), rules_(rules) {
    material_ = material_rise(kind, std::max(trend.start_level(), 0.0), rules);
  }

  /// A whole run rises all along: also in steps, if there are many.
  bool rises_throughout(const Part& part) const {
    return rises(part) && part.rising >= 0.7 && part.evenness >= rules_.evenness &&
           part.late_share >= 0.7 && part.late_ratio >= rules_.late_ratio_whole;
  }

  /// What follows the last change of course rises, steadily, and onto new ground.
  bool rises_lately() const {
    const Part& part = trend_.recent;
    double kept = follows_steeper_rise() ? rules_.late_ratio_recent : rules_.late_ratio_whole;
    return rises(part) && part.late_ratio >= kept && part.evenness >= rules_.evenness &&
           part.ground >= rules_.new_ground * part.rise && !ends_by_itself();
  }

  /// Rises from where something was let go, for long, and not as it has done before: a job or a
  /// day's wave comes back.
  bool rises_onward(const Part& part) const {
    if (part.first == 0 || part.line.span_s < rules_.long_part * trend_.span_s) return false;
    for (const Piece& piece : trend_.pieces) {
      if (piece.first >= part.first) break;
      if (piece.end - piece.start > 0.3 * part.rise) return false;
    }
    return rises_throughout(part) && part.late_ratio >= rules_.late_ratio_recent;
  }

  /// A rise that would matter if it were sure, and is not.
  bool may_rise() const {
    const Part& part = trend_.recent;
    return part.rise >= material_ && part.line.significance() >= 2 && part.ground > 0 &&
           part.late_ratio >= rules_.late_ratio_recent && part.evenness >= rules_.evenness;
  }

  /// Rose by much from the start of the run, and then less and less.
  bool bends() const {
    double risen = trend_.recent.level - trend_.start_level();
    if (risen < std::max(material_, 0.1 * trend_.recent.level)) return false;
    if (!trend_.saturation.bends || trend_.recent.line.significance() < -2) return false;
    if (trend_.whole.late_ratio > rules_.late_ratio_recent) return false;
    if (trend_.pieces.size() < 2) return true;
    const Piece& last = trend_.pieces.back();
    double settled = static_cast<double>(last.count) / static_cast<double>(trend_.floors.size());
    return trend_.pieces.front().slope > 0 &&
           (settled < 0.5 || last.slope * trend_.span_s > 0.1 * risen);
  }

  double detectable_rate() const {
    const Part& part = trend_.recent;
    double span = std::max(part.line.span_s, 1.0);
    return std::max({rules_.significance * part.line.slope_error,
                     rules_.least_rise_deviations * part.noise / span, material_ / span});
  }

  double wanted_rate() const {
    return rate_reaching(trend_.recent.level, limit_, material_, unlimited(), rules_.wanted_s);
  }

  /// Until growth at the wanted rate would be seen: the error of a slope falls with the power
  /// of 1.5 of the time, the rate of a material rise with its first.
  double needs_s(double wanted) const {
    const Part& part = trend_.recent;
    double span = std::max(part.line.span_s, 1.0);
    double by_error =
        span * std::pow(rules_.significance * part.line.slope_error / wanted, 2.0 / 3);
    double by_rise = std::max(material_, rules_.least_rise_deviations * part.noise) / wanted;
    return std::max({by_error, by_rise, rules_.shortest_s}) - span;
  }

 private:
  bool rises(const Part& part) const {
    double level = std::max(trend_.start_level(), 0.0);
    return part.rise >= material_ && part.rise >= rules_.least_rise_deviations * part.noise &&
           part.line.significance() >= rules_.significance && part.test.p <= rules_.most_p &&
           part.test.s > 0 && part.late_significance > 1 &&
           part.line.slope >=
               rate_reaching(level, limit_, material_, unlimited(), rules_.concern_s);
  }

  /// The run is drawn as well by a curve that bends to a level as by one that goes on.
  bool ends_by_itself() const {
    const Saturation& saturation = trend_.saturation;
    if (!follows_steeper_rise() || !saturation.bends || trend_.whole.late_ratio > 1) return false;
    return saturation.line_gain < rules_.line_gain ||
           saturation.line_slope < 0.4 * trend_.recent.line.slope;
  }

  double unlimited() const {
    if (kind_ == SeriesKind::kGoroutines) return rules_.unlimited_goroutines;
    return kind_ == SeriesKind::kOpenFiles ? rules_.unlimited_files : rules_.unlimited_bytes;
  }

  bool follows_steeper_rise() const {
    for (const Piece& piece : trend_.pieces)
      if (piece.first < trend_.recent.first && piece.slope > 1.5 * trend_.recent.line.slope)
        return true;
    return false;
  }

  SeriesKind kind_;
  const Trend& trend_;
  double limit_;
  const VerdictRules& rules_;
  double material_ = 0;
};

void take_growth(SeriesVerdict& verdict, const Part& part, const VerdictRules& rules) {
  verdict.rate = part.line.slope;
  verdict.rate_low = part.sen.low;
  verdict.rate_high = part.sen.high;
  verdict.rise = part.rise;
  verdict.growing_s = part.line.span_s;
  double before = part.level - part.rise;
  bool much = part.rise >= rules.leak_rise * before;
  bool outlasts_day = part.line.span_s >= 1.25 * kDay;
  bool sure = part.line.span_s >= rules.leak_span_s && (much || outlasts_day);
  verdict.kind = sure ? VerdictKind::kLeak : VerdictKind::kGrowing;
}

}  // namespace

std::string_view name_of(VerdictKind kind) {
  switch (kind) {
    case VerdictKind::kHealthy:
      return "healthy";
    case VerdictKind::kWarmingUp:
      return "warming-up";
    case VerdictKind::kGrowing:
      return "growing";
    case VerdictKind::kLeak:
      return "leak";
    case VerdictKind::kRssGap:
      return "rss-gap";
    case VerdictKind::kNearLimit:
      return "near-limit";
    case VerdictKind::kInconclusive:
      return "inconclusive";
  }
  return "inconclusive";
}

SeriesVerdict judge_run(SeriesKind kind, const Run& run, double limit, const VerdictRules& rules) {
  SeriesVerdict verdict;
  verdict.series = kind;
  verdict.trend = trend_of(run, rules.trend);
  const Trend& trend = verdict.trend;
  if (trend.samples == 0) {
    describe(verdict, rules);
    return verdict;
  }
  Judge judge(kind, trend, limit, rules);
  verdict.level = trend.recent.level;
  verdict.rate = trend.recent.line.slope;
  verdict.rate_low = trend.recent.sen.low;
  verdict.rate_high = trend.recent.sen.high;
  bool enough = trend.span_s >= rules.shortest_s && trend.samples >= rules.fewest_samples;
  if (!enough) {
    double by_samples = static_cast<double>(rules.fewest_samples) * trend.interval_s;
    verdict.needs_s = std::max(std::max(rules.shortest_s, by_samples) - trend.span_s, 1.0);
    describe(verdict, rules);
    return verdict;
  }
  verdict.detectable_rate = judge.detectable_rate();
  if (judge.rises_lately()) {
    take_growth(verdict, trend.recent, rules);
  } else if (judge.rises_throughout(trend.whole)) {
    take_growth(verdict, trend.whole, rules);
  } else if (judge.rises_throughout(trend.coarse)) {
    take_growth(verdict, trend.coarse, rules);
  } else if (judge.rises_onward(trend.since_fall)) {
    take_growth(verdict, trend.since_fall, rules);
  } else if (judge.rises_onward(trend.recent)) {
    take_growth(verdict, trend.recent, rules);
  } else if (judge.bends()) {
    verdict.kind = VerdictKind::kWarmingUp;
  } else if (judge.may_rise()) {
    verdict.needs_s = std::max(judge.needs_s(trend.recent.line.slope), 0.5 * trend.span_s);
  } else if (verdict.detectable_rate > judge.wanted_rate()) {
    verdict.needs_s = std::max(judge.needs_s(judge.wanted_rate()), 60.0);
  } else {
    verdict.kind = VerdictKind::kHealthy;
  }
  describe(verdict, rules);
  return verdict;
}

SeriesVerdict judge(const Series& series, double limit, Diagnostics& diagnostics,
                    const VerdictRules& rules) {
  std::vector<Run> runs = runs_of(series, diagnostics);
  if (runs.empty()) runs.emplace_back();
  SeriesVerdict last = judge_run(series.kind, runs.back(), limit, rules);
  last.evidence.insert(last.evidence.begin(), restarts_text(runs.size() - 1));
  if (runs.size() == 1) last.evidence.erase(last.evidence.begin());
  // What the run cannot say by itself, those before it may: they ran the same program, unless the
  // restart was for a better one.
  for (std::size_t i = runs.size() - 1; i-- > 0 && runs.size() - i <= 5;) {
    if (runs[i].span_s() < runs.back().span_s()) continue;
    SeriesVerdict earlier = judge_run(series.kind, runs[i], limit, rules);
    if (earlier.kind == VerdictKind::kInconclusive) continue;
    if (is_alarm(last.kind)) {
      // Rising to where the program has settled before is warming up.
      if (is_alarm(earlier.kind) || last.level > 1.03 * earlier.level) return last;
      last.kind = VerdictKind::kWarmingUp;
      last.evidence.push_back(settled_before_text(series.kind, earlier.level));
      return last;
    }
    bool excluded = last.kind == VerdictKind::kHealthy && last.detectable_rate < 0.5 * earlier.rate;
    if (!is_alarm(earlier.kind) || excluded) break;
    earlier.evidence.insert(earlier.evidence.begin(), earlier_run_text(runs.size() - 1 - i));
    return earlier;
  }
  return last;
}

}  // namespace seep::monitor
