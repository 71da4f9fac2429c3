#include "report/rss_chart.h"

#include <algorithm>

#include "base/byte_size.h"
#include "base/count_text.h"
#include "report/chart.h"
#include "report/rss_layers.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::WatchedProcess;
using monitor::WatchState;

constexpr std::size_t kLegendName = 19;
constexpr std::size_t kLegend = 2 + kLegendName + 9 + 6;
constexpr std::size_t kBetween = 2;
constexpr std::size_t kNarrowest = 10;

ChartPart part_of(const WatchView& view, std::size_t index) {
  RssLayer layer = static_cast<RssLayer>(index);
  return {style_of(layer, view.layer_colours), view.layer_colours ? "" : row_of(layer).pattern};
}

Chart chart_of(const WatchView& view, const WatchState& state, const WatchedProcess& process) {
  std::size_t taken = kChartMargin + kBetween + kLegend;
  std::size_t width = std::max(view.width > taken ? view.width - taken : 0, kNarrowest);
  Chart chart;
  std::int64_t first_ns = process.history.empty() ? 0 : process.history.front().monotonic_ns;
  chart.axis = time_axis(first_ns, sampled_time(state).last_ns, state.interval_s, width);
  Course course = course_of(process, Figure::kRss, chart.axis);
  for (std::size_t i = 0; i < width; ++i) {
    ChartColumn& column = chart.columns.emplace_back();
    column.restart = course.restarts[i];
    if (course.samples[i] == nullptr) continue;
    if (auto layers = rss_layers(*course.samples[i]))
      column.parts.assign(layers->begin(), layers->end());
  }
  for (std::size_t layer = 0; layer < kRssLayers; ++layer)
    chart.parts.push_back(part_of(view, layer));
  if (process.memory_limit) chart.limit = static_cast<double>(*process.memory_limit);
  bool near = limit_share(process).value_or(0) >= kNearLimit;
  chart.limit_ink = near ? Ink::kSuspicious : Ink::kDetail;
  return chart;
}

Line title_of(const WatchedProcess& process, const Chart& chart) {
  Line title("RSS ", {.ink = Ink::kStrong});
  title.add(figure_text(process, Figure::kRss), Ink::kStrong);
  title.add(" by what it is made of", Ink::kDetail);
  if (chart.limit && *chart.limit > 0) {
    std::string source = process.limit_source.empty() ? "" : " (" + process.limit_source + ")";
    std::string limit = "limit " + to_text(ByteSize(*process.memory_limit)) + source;
    if (shows_limit(chart))
      title.add("   ── " + limit, chart.limit_ink);
    else
      title.add("   " + limit + ", far above", Ink::kDetail);
  }
  bool restarted = std::any_of(chart.columns.begin(), chart.columns.end(),
                               [](const ChartColumn& column) { return column.restart; });
  if (restarted) title.add("   ┊ restart", Ink::kDetail);
  return title;
}

bool was_ever_there(const Chart& chart, std::size_t layer) {
  return std::any_of(chart.columns.begin(), chart.columns.end(), [&](const ChartColumn& column) {
    return layer < column.parts.size() && column.parts[layer] > 0;
  });
}

/// In the order of the drawing, from the top to the bottom.
std::vector<Line> legend_of(const WatchView& view, const WatchedProcess& process,
                            const Chart& chart) {
  std::vector<Line> lines;
  auto layers = rss_layers(process.latest);
  if (!layers) return lines;
  double rss = 0;
  for (double bytes : *layers) rss += bytes;
  for (std::size_t i = kRssLayers; i-- > 0;) {
    double bytes = (*layers)[i];
    if (!was_ever_there(chart, i) && bytes <= 0) continue;
    ChartPart part = part_of(view, i);
    Line line(part.pattern.empty() ? "█" : part.pattern, part.style);
    line.add(" " + pad_right(row_of(static_cast<RssLayer>(i)).name, kLegendName));
    line.add(pad_left(to_text(ByteSize(static_cast<std::uint64_t>(bytes))), 9));
    std::string share = percent_text(bytes, rss);
    line.add(pad_left(share == "under 1 %" ? "<1 %" : share, 6), Ink::kDetail);
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace

std::vector<Line> rss_chart_lines(const WatchView& view, const WatchState& state,
                                  const WatchedProcess& process, std::size_t height) {
  Chart chart = chart_of(view, state, process);
  std::vector<Line> lines = chart_lines(chart, height);
  std::vector<Line> legend = legend_of(view, process, chart);
  // Its last line stands beside the lowest part of the drawing, above the axis.
  std::size_t drawn = lines.size() - 1;
  std::size_t first = legend.size() < drawn ? drawn - legend.size() : 0;
  for (std::size_t i = 0; i < legend.size() && first + i < lines.size(); ++i)
    lines[first + i].add(std::string(kBetween, ' ')).add(legend[i]);
  lines.insert(lines.begin(), title_of(process, chart));
  return lines;
}

}  // namespace seep::report
