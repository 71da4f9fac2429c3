// How good the verdicts are: labelled series, half of them never seen when thresholds were chosen.
//
//   verdicts_bench [test|tuning|other] [-v] [--seed FIRST] [--each N]
//
//   other        shapes that neither half holds, without goals
//   -v           also the series that are judged wrongly, with the numbers the verdict rests on
//   --seed FIRST other series of the same shapes, to see how much is chance
//
// Ends with 1 if a goal is missed. Figures and what they mean: docs/verdicts.md.
#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "baselines.h"
#include "ends.h"
#include "recorded_series.h"
#include "scores.h"
#include "shapes.h"

namespace {

using namespace seep;
using bench::LabelledSeries;
using bench::Score;
using bench::Truth;

constexpr double kLeastPrecision = 0.98;
constexpr double kLeastRecall = 0.95;

struct Options {
  bool test = true;
  bool other = false;
  bool verbose = false;
  std::uint64_t first_seed = 1000;
  int each = 20;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    bool more = i + 1 < argc;
    if (word == "tuning") options.test = false;
    if (word == "other") options.other = true;
    if (word == "-v") options.verbose = true;
    if (word == "--seed" && more) options.first_seed = std::strtoull(argv[++i], nullptr, 10);
    if (word == "--each" && more) options.each = std::atoi(argv[++i]);
  }
  return options;
}

void explain(const LabelledSeries& series, const monitor::SeriesVerdict& verdict) {
  fmt::print("  {}, {}, seed {}: {}; window {:.0f} s\n", series.shape, name_of(series.series.kind),
             series.seed, name_of(verdict.kind), series.window_s);
  const monitor::Trend& trend = verdict.trend;
  fmt::print("      {} pieces, line under the warm-up gains {:.1f}\n", trend.pieces.size(),
             trend.saturation.line_gain);
  for (const monitor::Part* part : {&trend.recent, &trend.whole, &trend.coarse, &trend.since_fall})
    fmt::print(
        "      from {:3} of {}: z {:.1f}, p {:.4f}, rise {:.3g}, noise {:.3g}, ground {:.2f}, late "
        "{:.2f} (z {:.1f}), even {:.2f}, rising {:.2f}, last {:.2f}\n",
        part->first, trend.floors.size(), part->line.significance(), part->test.p, part->rise,
        part->noise, part->rise > 0 ? part->ground / part->rise : 0, part->late_ratio,
        part->late_significance, part->evenness, part->rising, part->late_share);
  for (const std::string& text : verdict.evidence) fmt::print("      {}\n", text);
}

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Tally {
  double processor_s = 0;  ///< of the verdicts alone
  std::size_t samples = 0;
  int series = 0;
  int recorded = 0;
  Score seep;
  Score seep_recorded;
  std::array<Score, 3> baselines;
  bench::ShapeTable shapes;
  bench::Coverage coverage;
  int undecidable = 0;
  int called_leak = 0;   ///< of the undecidable
  int floors = 0;        ///< leaks below the noise, without an alarm
  int floors_right = 0;  ///< where the stated floor is above the true rate
};

void add_undecidable(Tally& tally, const LabelledSeries& series,
                     const monitor::SeriesVerdict& verdict) {
  ++tally.undecidable;
  if (verdict.kind == monitor::VerdictKind::kLeak) ++tally.called_leak;
  if (is_alarm(verdict.kind) || !(series.true_rate > 0)) return;
  ++tally.floors;
  if (verdict.detectable_rate >= series.true_rate) ++tally.floors_right;
}

void add(Tally& tally, const LabelledSeries& series, bool verbose) {
  Diagnostics diagnostics;
  double before = processor_seconds();
  monitor::SeriesVerdict verdict = monitor::judge(series.series, series.limit, diagnostics);
  tally.processor_s += processor_seconds() - before;
  tally.samples += series.series.samples.size();
  ++tally.series;
  tally.shapes.add(series.shape, name_of(verdict.kind));
  if (series.truth == Truth::kUndecidable) return add_undecidable(tally, series, verdict);
  bool leaks = series.truth == Truth::kLeaks;
  bool alarm = is_alarm(verdict.kind);
  tally.seep.add(leaks, alarm);
  if (series.recorded) {
    ++tally.recorded;
    tally.seep_recorded.add(leaks, alarm);
  }
  if (leaks && alarm) tally.coverage.add(series, verdict, verbose);
  if (verbose && alarm != leaks) explain(series, verdict);
  std::vector<monitor::Run> runs = monitor::runs_of(series.series, diagnostics);
  const std::vector<monitor::Point>& points = runs.back().points;
  tally.baselines[0].add(leaks, bench::plain_mann_kendall(points));
  tally.baselines[1].add(leaks, bench::fixed_slope(points, series.series.kind));
  tally.baselines[2].add(leaks, bench::linear_fit(points));
}

/// Shares of causes told rightly; false if one of them is told wrongly too often.
bool print_causes(const Options& options) {
  int right = 0;
  int wrong = 0;
  int open = 0;
  for (const bench::LabelledEnd& end :
       bench::generated_ends(options.first_seed, 2 * options.each)) {
    if ((end.seed % 2 == 1) != options.test) continue;
    Diagnostics diagnostics;
    monitor::OomAnswer answer = monitor::oom_cause(end.series, end.limit, true, diagnostics);
    ++(!answer.cause ? open : *answer.cause == end.cause ? right : wrong);
    if (options.verbose && answer.cause != end.cause)
      fmt::print("  end of seed {}, {}: {}\n", end.seed, name_of(end.cause),
                 answer.cause ? name_of(*answer.cause) : "not told");
  }
  fmt::print("  cause of running out: {} told rightly, {} wrongly, {} left open\n", right, wrong,
             open);
  return wrong * 20 <= right;
}

bool print(Tally& tally, const Options& options) {
  tally.shapes.print();
  fmt::print("\n{} series of the {} set, {} of them recorded, {} undecidable\n\n", tally.series,
             options.other  ? "other"
             : options.test ? "test"
                            : "tuning",
             tally.recorded, tally.undecidable);
  fmt::print("  {:<34} {:>9} {:>8}\n", "", "precision", "recall");
  tally.seep.print("seep (growing or leak)");
  if (tally.recorded > 0) tally.seep_recorded.print("  of which recorded");
  tally.baselines[0].print("Mann-Kendall, plain, 5 %");
  tally.baselines[1].print("slope above 10 MiB/h");
  tally.baselines[2].print("linear fit, r2 >= 0.8");
  fmt::print("\n");
  tally.coverage.print();
  fmt::print(
      "  leaks below the noise: {} without an alarm, {} of the floors stated are above the true "
      "rate\n",
      tally.floors, tally.floors_right);
  fmt::print("  undecidable: {} of {} called a leak\n", tally.called_leak, tally.undecidable);
  fmt::print("  a verdict takes {:.1f} ms of processor time, for {} samples\n",
             1000 * tally.processor_s / tally.series,
             tally.samples / static_cast<std::size_t>(tally.series));
  if (options.other) return true;
  bool ahead = true;
  for (const Score& other : tally.baselines)
    ahead =
        ahead && tally.seep.precision() > other.precision() && tally.seep.recall() > other.recall();
  bool good = tally.seep.precision() >= kLeastPrecision && tally.seep.recall() >= kLeastRecall;
  bool holds = tally.coverage.share() >= 0.85 && tally.coverage.share() <= 0.95;
  fmt::print("  goals: precision and recall {}, ahead of each {}, interval {}\n",
             good ? "ok" : "MISSED", ahead ? "ok" : "MISSED", holds ? "ok" : "MISSED");
  return good && ahead && holds;
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  if (options.other) {
    Tally tally;
    for (const LabelledSeries& series : bench::other_series(options.first_seed, options.each))
      add(tally, series, options.verbose);
    print(tally, options);
    return 0;
  }
  std::vector<LabelledSeries> all = bench::generated_series(options.first_seed, options.each);
  for (LabelledSeries& series : bench::recorded_series(SEEP_RECORDED_SERIES))
    all.push_back(std::move(series));
  Tally tally;
  for (const LabelledSeries& series : all)
    if (series.is_test() == options.test) add(tally, series, options.verbose);
  bool causes = print_causes(options);
  return print(tally, options) && causes ? 0 : 1;
}
