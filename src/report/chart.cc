#include "report/chart.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "report/value_axis.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

constexpr long kSteps = 8;
constexpr std::array<const char*, kSteps + 1> kBlocks = {" ", "▁", "▂", "▃", "▄",
                                                         "▅", "▆", "▇", "█"};
constexpr double kLimitInSight = 1.0 / 3;
constexpr std::size_t kMiddleLabelColumns = 54;

double sum_of(const ChartColumn& column) {
  return std::accumulate(column.parts.begin(), column.parts.end(), 0.0);
}

double highest(const Chart& chart) {
  double high = 0;
  for (const ChartColumn& column : chart.columns) high = std::max(high, sum_of(column));
  return high;
}

struct Plot {
  const Chart& chart;
  double top = 1;
  long rows = 1;
  long limit_row = -1;  ///< from the bottom

  /// Nothing is known, though there was something before.
  bool is_gap(const ChartColumn& column) const {
    auto known = [](const ChartColumn& one) { return !one.parts.empty(); };
    auto first = std::find_if(chart.columns.begin(), chart.columns.end(), known);
    return column.parts.empty() && first != chart.columns.end() && &*first < &column;
  }
  long steps_of(double value) const {
    double steps = value / top * static_cast<double>(rows * kSteps);
    return std::lround(std::clamp(steps, 0.0, static_cast<double>(rows * kSteps)));
  }
};

/// How many of a character's steps each part fills.
std::vector<long> filled_steps(const Plot& plot, const ChartColumn& column, long row) {
  std::vector<long> filled;
  double sum = 0;
  long from = 0;
  for (double part : column.parts) {
    sum += part;
    long to = plot.steps_of(sum);
    long low = std::max(from, row * kSteps);
    long high = std::min(to, (row + 1) * kSteps);
    filled.push_back(std::max(high - low, 0L));
    from = to;
  }
  // What is there at all is seen at the bottom.
  if (row == 0 && from == 0 && sum > 0) filled.front() = 1;
  return filled;
}

std::size_t largest_of(const std::vector<long>& filled) {
  return static_cast<std::size_t>(std::max_element(filled.begin(), filled.end()) - filled.begin());
}

void add_pattern(Line& line, const Plot& plot, const std::vector<long>& filled) {
  const ChartPart& part = plot.chart.parts[largest_of(filled)];
  line.add(part.pattern, part.style);
}

/// A character has two colours: of more parts the two largest are shown.
void add_blocks(Line& line, const Plot& plot, std::vector<long> filled) {
  std::size_t first = largest_of(filled);
  long steps = filled[first];
  long all = std::accumulate(filled.begin(), filled.end(), 0L);
  CellStyle style = plot.chart.parts[first].style;
  if (all == steps) {
    line.add(kBlocks[static_cast<std::size_t>(steps)], style);
    return;
  }
  filled[first] = 0;
  std::size_t second = largest_of(filled);
  std::size_t below = std::min(first, second);
  long below_steps = below == first ? steps : filled[second];
  CellStyle two = plot.chart.parts[below].style;
  if (all == kSteps) {
    two.behind = plot.chart.parts[std::max(first, second)].style.layer;
    line.add(kBlocks[static_cast<std::size_t>(below_steps)], two);
  } else {
    line.add(kBlocks[static_cast<std::size_t>(all)], style);
  }
}

void add_empty(Line& line, const Plot& plot, const ChartColumn& column, long row) {
  if (column.restart)
    line.add("┊", Ink::kDetail);
  else if (row == plot.limit_row)
    line.add("─", plot.chart.limit_ink);
  else
    line.add(row == 0 && plot.is_gap(column) ? "·" : " ", Ink::kDetail);
}

void add_cell(Line& line, const Plot& plot, const ChartColumn& column, long row) {
  std::vector<long> filled = filled_steps(plot, column, row);
  long all = std::accumulate(filled.begin(), filled.end(), 0L);
  bool pattern = all > 0 && !plot.chart.parts[largest_of(filled)].pattern.empty();
  if (all == 0 || (pattern && all < kSteps / 2 && row > 0))
    add_empty(line, plot, column, row);
  else if (pattern)
    add_pattern(line, plot, filled);
  else
    add_blocks(line, plot, std::move(filled));
}

/// The label stands at the upper edge of its line.
std::string label_of(const Plot& plot, long row) {
  bool middle = plot.rows >= 4 && plot.rows % 2 == 0 && row == plot.rows / 2 - 1;
  if (row == plot.rows - 1) return axis_label(plot.top, plot.chart.bytes);
  return middle ? axis_label(plot.top / 2, plot.chart.bytes) : "";
}

/// A round time of about a half of the axis.
double round_half(const TimeAxis& axis) {
  constexpr std::array<double, 18> kRound = {5,    10,    15,    20,    30,    60,
                                             120,  300,   600,   1200,  1800,  3600,
                                             7200, 14400, 28800, 43200, 86400, 172800};
  double half = 1;
  for (double seconds : kRound)
    if (seconds <= 0.6 * axis.span_s()) half = seconds;
  double days = std::floor(axis.span_s() / 2 / 86400);
  return days > 2 ? days * 86400 : half;
}

/// "11 min ago ─────────── 5 min ago ─────────── now".
std::string time_labels(const TimeAxis& axis) {
  std::string text = short_duration(axis.span_s()) + " ago ";
  auto rule_to = [&](std::size_t column) {
    for (std::size_t at = columns(text); at < column; ++at) text += "─";
  };
  if (axis.columns >= kMiddleLabelColumns) {
    double half = round_half(axis);
    std::string label = " " + short_duration(half) + " ago ";
    double step_s = axis.span_s() / static_cast<double>(axis.columns);
    std::size_t after = static_cast<std::size_t>(std::lround(half / step_s));
    std::size_t place = axis.columns - std::min(axis.columns, after);
    rule_to(place > label.size() / 2 ? place - label.size() / 2 : 0);
    text += label;
  }
  std::string now = " now";
  rule_to(axis.columns > now.size() ? axis.columns - now.size() : 0);
  return text + now;
}

}  // namespace

bool shows_limit(const Chart& chart) {
  return chart.limit && *chart.limit > 0 && highest(chart) >= kLimitInSight * *chart.limit;
}

std::vector<Line> chart_lines(const Chart& chart, std::size_t height) {
  Plot plot{.chart = chart, .rows = static_cast<long>(std::max<std::size_t>(height, 2)) - 1};
  bool limited = shows_limit(chart);
  plot.top = round_top(std::max(highest(chart), limited ? *chart.limit : 0), chart.bytes);
  if (limited) plot.limit_row = std::min((plot.steps_of(*chart.limit) - 1) / kSteps, plot.rows - 1);
  std::vector<Line> lines;
  for (long row = plot.rows - 1; row >= 0; --row) {
    std::string label = label_of(plot, row);
    Line line(pad_left(label, kChartMargin - 1) + (label.empty() ? "│" : "┤"),
              {.ink = Ink::kDetail});
    for (const ChartColumn& column : chart.columns) add_cell(line, plot, column, row);
    lines.push_back(std::move(line));
  }
  lines.emplace_back(pad_left("0└", kChartMargin) + time_labels(chart.axis),
                     CellStyle{.ink = Ink::kDetail});
  return lines;
}

}  // namespace seep::report
