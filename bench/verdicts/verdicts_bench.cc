// How good the verdicts are: labelled series, half of them never seen when thresholds were chosen.
//
//   verdicts_bench [test|tuning] [-v] [--seed FIRST] [--each N]
//
//   -v           one line a series that is judged wrongly, with the verdict's evidence
//   --seed FIRST other series of the same shapes, to see how much is chance
//
// Figures and what they mean: docs/verdicts.md.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "baselines.h"
#include "monitor/forecast.h"
#include "shapes.h"

namespace {

using namespace seep;
using bench::LabelledSeries;
using bench::Truth;

struct Options {
  bool test = true;
  bool verbose = false;
  std::uint64_t first_seed = 1000;
  int each = 20;
};

struct Score {
  int right_alarms = 0;
  int wrong_alarms = 0;
  int missed = 0;

  void add(bool leaks, bool alarm) {
    if (alarm)
      ++(leaks ? right_alarms : wrong_alarms);
    else if (leaks)
      ++missed;
  }
  double precision() const {
    int all = right_alarms + wrong_alarms;
    return all == 0 ? 0 : static_cast<double>(right_alarms) / all;
  }
  double recall() const {
    int all = right_alarms + missed;
    return all == 0 ? 0 : static_cast<double>(right_alarms) / all;
  }
};

struct ShapeTable {
  std::vector<std::string> order;
  std::map<std::string, std::map<std::string, int>> verdicts;

  void add(const std::string& shape, std::string_view verdict) {
    if (!verdicts.contains(shape)) order.push_back(shape);
    ++verdicts[shape][std::string(verdict)];
  }
  void print() const {
    for (const std::string& shape : order) {
      std::string line;
      for (const auto& [verdict, count] : verdicts.at(shape))
        line += fmt::format("  {} {}", verdict, count);
      fmt::print("  {:<28}{}\n", shape, line);
    }
  }
};

/// How often the time at which a leak reached its limit lay where the forecast said.
struct Coverage {
  int held = 0;
  int sooner = 0;
  int later = 0;
  int none = 0;
  std::vector<double> widths;  ///< the later end as a multiple of the sooner

  void add(const LabelledSeries& series, const monitor::SeriesVerdict& verdict) {
    if (!(series.limit > 0)) return;
    std::optional<monitor::Forecast> forecast = monitor::forecast(verdict, series.limit);
    if (!forecast) {
      ++none;
      return;
    }
    ++(series.reached_s < forecast->low_s    ? sooner
       : series.reached_s > forecast->high_s ? later
                                             : held);
    widths.push_back(forecast->high_s / std::max(forecast->low_s, 1e-9));
  }
  void print() {
    int all = held + sooner + later;
    std::sort(widths.begin(), widths.end());
    fmt::print(
        "  forecasts: {:.1f} % of {} leaks reach the limit within the 90 % interval ({} sooner, {} "
        "later; no forecast for {}); middle width 1:{:.2f}\n",
        100.0 * held / std::max(all, 1), all, sooner, later, none,
        widths.empty() ? 0 : widths[widths.size() / 2]);
  }
};

void explain(const LabelledSeries& series, const monitor::SeriesVerdict& verdict) {
  const monitor::Part& part = verdict.trend.recent;
  const monitor::Part& whole = verdict.trend.whole;
  fmt::print("  {} {} seed {}: {}; window {:.0f} s\n", series.shape, name_of(series.series.kind),
             series.seed, name_of(verdict.kind), series.window_s);
  fmt::print("      line gain {:.1f} slope {:.3g}\n", verdict.trend.saturation.line_gain,
             verdict.trend.saturation.line_slope);
  for (const monitor::Part* p : {&part, &whole, &verdict.trend.coarse, &verdict.trend.since_fall})
    fmt::print(
        "      first {}/{} pieces {} z {:.1f} p {:.4f} rise {:.3g} dev {:.3g} ground {:.2f} late "
        "{:.2f} "
        "late-z {:.1f} even {:.2f} rising {:.2f} last {:.2f}\n",
        p->first, verdict.trend.floors.size(), verdict.trend.pieces.size(), p->line.significance(),
        p->test.p, p->rise, p->noise, p->rise > 0 ? p->ground / p->rise : 0, p->late_ratio,
        p->late_significance, p->evenness, p->rising, p->late_share);
  for (const std::string& text : verdict.evidence) fmt::print("      {}\n", text);
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string word = argv[i];
    if (word == "tuning")
      options.test = false;
    else if (word == "-v")
      options.verbose = true;
    else if (word == "--seed" && i + 1 < argc)
      options.first_seed = std::strtoull(argv[++i], nullptr, 10);
    else if (word == "--each" && i + 1 < argc)
      options.each = std::atoi(argv[++i]);
  }
  return options;
}

void print_score(const char* name, const Score& score) {
  fmt::print("  {:<34} {:9.3f} {:8.3f}   {} right, {} wrong, {} missed\n", name, score.precision(),
             score.recall(), score.right_alarms, score.wrong_alarms, score.missed);
}

}  // namespace

int main(int argc, char** argv) {
  Options options = parse(argc, argv);
  std::map<std::string, Score> scores;
  ShapeTable table;
  Coverage coverage;
  int count = 0;
  int floors_right = 0;
  int floors = 0;
  for (const LabelledSeries& series : bench::generated_series(options.first_seed, options.each)) {
    if (series.is_test() != options.test) continue;
    ++count;
    Diagnostics diagnostics;
    monitor::SeriesVerdict verdict = monitor::judge(series.series, series.limit, diagnostics);
    table.add(series.shape, name_of(verdict.kind));
    bool alarm = is_alarm(verdict.kind);
    if (series.truth == Truth::kUndecidable) {
      if (!alarm && series.true_rate > 0) {
        ++floors;
        if (verdict.detectable_rate >= series.true_rate) ++floors_right;
      }
      continue;
    }
    bool leaks = series.truth == Truth::kLeaks;
    if (leaks && alarm) coverage.add(series, verdict);
    if (options.verbose && alarm != leaks) explain(series, verdict);
    scores["seep"].add(leaks, alarm);
    std::vector<monitor::Run> runs = monitor::runs_of(series.series, diagnostics);
    const std::vector<monitor::Point>& points = runs.back().points;
    scores["Mann-Kendall"].add(leaks, bench::plain_mann_kendall(points));
    scores["slope above 10 MiB/h"].add(leaks, bench::fixed_slope(points, series.series.kind));
    scores["linear fit, r2 >= 0.8"].add(leaks, bench::linear_fit(points));
  }
  table.print();
  fmt::print("{} series of the {} half\n", count, options.test ? "test" : "tuning");
  for (const char* name : {"seep", "Mann-Kendall", "slope above 10 MiB/h", "linear fit, r2 >= 0.8"})
    print_score(name, scores[name]);
  coverage.print();
  fmt::print(
      "  leaks below the noise without alarm: {} of {} stated floors are above the true rate\n",
      floors_right, floors);
}
