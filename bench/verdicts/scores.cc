#include "scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "monitor/forecast.h"

namespace seep::bench {

void Score::add(bool leaks, bool alarm) {
  if (alarm) {
    ++(leaks ? right_alarms : wrong_alarms);
  } else if (leaks) {
    ++missed;
  }
}

double Score::precision() const {
  int all = right_alarms + wrong_alarms;
  return all == 0 ? 0 : static_cast<double>(right_alarms) / all;
}

double Score::recall() const {
  int all = right_alarms + missed;
  return all == 0 ? 0 : static_cast<double>(right_alarms) / all;
}

void Score::print(std::string_view name) const {
  fmt::print("  {:<34} {:9.3f} {:8.3f}   {} right, {} wrong, {} missed\n", name, precision(),
             recall(), right_alarms, wrong_alarms, missed);
}

void ShapeTable::add(const std::string& shape, std::string_view verdict) {
  if (!verdicts.contains(shape)) order.push_back(shape);
  ++verdicts[shape][std::string(verdict)];
}

void ShapeTable::print() const {
  for (const std::string& shape : order) {
    std::string line;
    for (const auto& [verdict, count] : verdicts.at(shape))
      line += fmt::format("  {} {}", verdict, count);
    fmt::print("  {:<44}{}\n", shape, line);
  }
}

void Coverage::add(const LabelledSeries& series, const monitor::SeriesVerdict& verdict,
                   bool verbose) {
  if (!(series.limit > 0)) return;
  std::optional<monitor::Forecast> forecast = monitor::forecast(verdict, series.limit);
  if (!forecast) {
    ++none;
    return;
  }
  bool was_sooner = series.reached_s < forecast->low_s;
  bool was_later = series.reached_s > forecast->high_s;
  ++(was_sooner ? sooner : was_later ? later : held);
  widths.push_back(forecast->high_s / std::max(forecast->low_s, 1e-9));
  if (verbose && (was_sooner || was_later))
    fmt::print("  {} seed {}: reached after {:.3f} windows, said {:.3f} to {:.3f}\n", series.shape,
               series.seed, series.reached_s / series.window_s, forecast->low_s / series.window_s,
               forecast->high_s / series.window_s);
}

double Coverage::share() const {
  int all = held + sooner + later;
  return all == 0 ? 0 : static_cast<double>(held) / all;
}

void Coverage::print() {
  std::sort(widths.begin(), widths.end());
  fmt::print(
      "  {:.1f} % of {} leaks reach their limit within the 90 % interval ({} sooner, {} later, {} "
      "without a forecast); its later end is {:.2f} times the sooner in the middle\n",
      100 * share(), held + sooner + later, sooner, later, none,
      widths.empty() ? 0 : widths[widths.size() / 2]);
}

}  // namespace seep::bench
