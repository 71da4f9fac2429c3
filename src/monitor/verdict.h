// What a series says about the process: one of seven words, with the numbers that it rests on. The
// method and its limits: docs/verdicts.md.
#pragma once

#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "monitor/series.h"
#include "monitor/trend.h"

namespace seep::monitor {

enum class VerdictKind {
  kHealthy,
  kWarmingUp,     ///< rose from its start, and bends towards a level
  kGrowing,       ///< rises steadily; too short or too little to exclude load or a filling cache
  kLeak,          ///< rises steadily, for long and by much
  kRssGap,        ///< of a process: RSS far above what Go accounts for, and not growing
  kNearLimit,     ///< of a process: steady, but little is left below the limit
  kInconclusive,  ///< the data cannot decide; what it would take is said
};

/// "healthy", "warming-up", "rss-gap": as in JSON.
std::string_view name_of(VerdictKind kind);

inline bool is_alarm(VerdictKind kind) {
  return kind == VerdictKind::kGrowing || kind == VerdictKind::kLeak;
}

/// From what on growth is called growth. Tuned on the tuning half of bench/verdicts.
struct VerdictRules {
  TrendRules trend;
  double shortest_s = 600;  ///< younger runs are not judged
  std::size_t fewest_samples = 24;
  double significance = 3.2;        ///< slope in units of its error
  double most_p = 0.01;             ///< of Mann-Kendall, corrected
  double late_ratio_whole = 0.42;   ///< how much of its slope a rise must keep: all of a run …
  double late_ratio_recent = 0.55;  ///< … and what follows a steeper rise
  double evenness = 0.72;           ///< 1: the rise is spread over the time; 0.29: one step
  double line_gain = 8;             ///< by which a line beneath a warm-up must improve its drawing
  double new_ground = 0.35;         ///< share of the recent rise that must lie above all before
  double long_part = 0.4;           ///< share of the run that a rise behind a fall must have
  double least_rise_deviations = 2.5;  ///< rise in deviations of the noise
  double material_bytes = 4 << 20;
  double material_goroutines = 50;
  double material_files = 20;
  double material_share = 0.02;  ///< of the level, for bytes
  double material_share_counts = 0.1;
  double concern_s = 180 * kDay;  ///< growth must reach the limit, or double, within this
  /// Without a limit, what the doubling of a small program counts as.
  double unlimited_bytes = 64 << 20;
  double unlimited_goroutines = 1000;
  double unlimited_files = 300;
  double leak_span_s = 7200;  ///< a leak has lasted so long …
  double leak_rise = 0.5;     ///< … and has added this share, or outlasted a day's wave
  /// Healthy: what would reach the limit, or double, within this is excluded.
  double wanted_s = kDay;
};

struct SeriesVerdict {
  SeriesKind series = SeriesKind::kRss;
  VerdictKind kind = VerdictKind::kInconclusive;
  double level = 0;     ///< the floor, now
  double rate = 0;      ///< per second; of growth if it is an alarm
  double rate_low = 0;  ///< 90 % interval
  double rate_high = 0;
  double rise = 0;       ///< over the part that grows
  double growing_s = 0;  ///< how long
  /// Steady growth below this, per second, would not have been seen.
  double detectable_rate = std::numeric_limits<double>::infinity();
  /// How much longer it takes to decide, where it is not decided.
  std::optional<double> needs_s;
  std::vector<std::string> evidence;
  Trend trend;  ///< of the run the verdict is about
};

/// `limit` is the figure's, 0 if there is none.
SeriesVerdict judge(const Series& series, double limit, Diagnostics& diagnostics,
                    const VerdictRules& rules = {});

SeriesVerdict judge_run(SeriesKind kind, const Run& run, double limit,
                        const VerdictRules& rules = {});

}  // namespace seep::monitor
