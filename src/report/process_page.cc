#include "report/process_page.h"

#include <algorithm>
#include <array>

#include "report/chart.h"
#include "report/rss_chart.h"
#include "report/rss_layers.h"
#include "report/verdict_lines.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::SeriesKind;
using monitor::WatchedProcess;
using monitor::WatchState;

constexpr std::size_t kBetween = 2;
constexpr std::size_t kWideEnoughForThree = 140;
constexpr std::size_t kNarrowest = 10;

struct SmallChart {
  Figure figure;
  std::optional<SeriesKind> series;
};
// The first two, or three, that are known of a process are shown.
constexpr std::array<SmallChart, 4> kSmallCharts = {{
    {Figure::kHeapMarked, SeriesKind::kLiveHeap},
    {Figure::kGoroutines, SeriesKind::kGoroutines},
    {Figure::kOpenFiles, SeriesKind::kOpenFiles},
    {Figure::kThreads, std::nullopt},
}};

std::vector<SmallChart> charts_of(const WatchedProcess& process, std::size_t width) {
  std::size_t most = width >= kWideEnoughForThree ? 3 : 2;
  std::vector<SmallChart> charts;
  for (const SmallChart& chart : kSmallCharts)
    if (latest(process, chart.figure) && charts.size() < most) charts.push_back(chart);
  return charts;
}

/// A title and a drawing of one figure, `width` wide.
std::vector<Line> small_chart_lines(const SmallChart& small, const WatchView& view,
                                    const WatchState& state, const WatchedProcess& process,
                                    std::size_t width, std::size_t height) {
  std::size_t drawn = std::max(width > kChartMargin ? width - kChartMargin : 0, kNarrowest);
  Chart chart;
  std::int64_t last_ns = sampled_time(state).last_ns;
  chart.axis = time_axis(process.history.front().monotonic_ns, last_ns, state.interval_s, drawn);
  chart.bytes = monitor::row_of(small.figure).unit == monitor::Unit::kBytes;
  chart.parts = {{curve_style(small.figure, view.layer_colours), ""}};
  Course course = course_of(process, small.figure, chart.axis);
  for (std::size_t i = 0; i < drawn; ++i) {
    ChartColumn& column = chart.columns.emplace_back();
    column.restart = course.restarts[i];
    const monitor::ProcessSample* sample = course.samples[i];
    if (sample != nullptr && (*sample)[small.figure])
      column.parts = {std::max(static_cast<double>(*(*sample)[small.figure]), 0.0)};
  }
  std::string name(monitor::row_of(small.figure).title);
  Line title(name + " " + figure_text(process, small.figure), {.ink = Ink::kStrong});
  if (small.series) title.add("  ").add(growth_mark(process, *small.series));
  std::vector<Line> lines = {std::move(title)};
  for (Line& line : chart_lines(chart, height)) lines.push_back(std::move(line));
  return lines;
}

std::vector<Line> small_charts(const WatchView& view, const WatchState& state,
                               const WatchedProcess& process, std::size_t height) {
  std::vector<SmallChart> charts = charts_of(process, view.width);
  std::vector<Line> lines(charts.empty() ? 0 : height + 1);
  for (std::size_t i = 0; i < charts.size(); ++i) {
    std::size_t gaps = kBetween * (charts.size() - 1);
    std::size_t width = (view.width - std::min(view.width, gaps)) / charts.size();
    std::vector<Line> part = small_chart_lines(charts[i], view, state, process, width, height);
    for (std::size_t row = 0; row < lines.size(); ++row) {
      if (i > 0) lines[row].add(std::string(kBetween, ' '));
      lines[row].add(part[row].fit(width));
    }
  }
  return lines;
}

/// Lines of the drawings, axes included. Odd, because then half of the height has a label.
struct Heights {
  std::size_t rss = 9;
  std::size_t small = 5;
};

Heights heights_of(std::size_t room) {
  auto odd = [](std::size_t lines) { return lines % 2 == 0 ? lines - 1 : lines; };
  Heights heights;
  heights.small = odd(std::clamp<std::size_t>(room / 3, 5, 11));
  heights.rss = odd(std::clamp<std::size_t>(room - std::min(room, heights.small), 9, 21));
  return heights;
}

std::vector<Line> all_lines(const WatchView& view, const WatchState& state,
                            const WatchedProcess& process) {
  std::vector<Line> lines = headline_lines(process, view.width);
  std::vector<Line> evidence = evidence_lines(process, view.width);
  if (!process.history.empty()) {
    // On a tall terminal the evidence gets up to a third; on others it is scrolled to.
    std::size_t body = page_lines(view);
    std::size_t kept = body >= 30 ? std::min(evidence.size(), body / 3) : 0;
    std::size_t taken = lines.size() + kept + 2;
    Heights heights = heights_of(body > taken ? body - taken : 0);
    for (Line& line : rss_chart_lines(view, state, process, heights.rss))
      lines.push_back(std::move(line));
    for (Line& line : small_charts(view, state, process, heights.small))
      lines.push_back(std::move(line));
  }
  for (Line& line : evidence) lines.push_back(std::move(line));
  return lines;
}

}  // namespace

std::vector<Line> process_lines(const WatchView& view, const WatchState& state,
                                const WatchedProcess& process) {
  std::vector<Line> lines = all_lines(view, state, process);
  std::size_t first = std::min(view.first_line, lines.size());
  lines.erase(lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(first));
  lines.resize(page_lines(view));
  return lines;
}

std::size_t last_first_line(const WatchView& view, const WatchState& state,
                            const WatchedProcess& process) {
  std::size_t all = all_lines(view, state, process).size();
  std::size_t body = page_lines(view);
  return all > body ? all - body : 0;
}

}  // namespace seep::report
