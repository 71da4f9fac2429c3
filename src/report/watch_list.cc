#include "report/watch_list.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/byte_size.h"
#include "report/characters.h"
#include "report/list_columns.h"
#include "report/rss_layers.h"
#include "report/sparkline.h"
#include "report/time_axis.h"
#include "report/watched_figures.h"

namespace seep::report {
namespace {

using monitor::Figure;
using monitor::WatchedProcess;
using monitor::WatchState;

constexpr const char* kNothing = "–";

struct Cell {
  std::string text;
  Ink ink = Ink::kPlain;
  std::uint8_t layer = 0;

  CellStyle style() const { return {.ink = ink, .layer = layer}; }
};
using Cells = std::array<Cell, kListColumns>;

Cell& at(Cells& cells, ListColumn column) { return cells[static_cast<std::size_t>(column)]; }

void set_limit(Cells& cells, const WatchedProcess& process) {
  at(cells, ListColumn::kLimitShare) = {kNothing, Ink::kDetail};
  std::optional<double> share = limit_share(process);
  if (!share) return;
  std::string percent = std::to_string(std::lround(std::min(*share, 9.99) * 100)) + " %";
  at(cells, ListColumn::kLimitShare) = {percent,
                                        *share >= kNearLimit ? Ink::kSuspicious : Ink::kPlain};
  at(cells, ListColumn::kLimit) = {"of " + to_text(ByteSize(*process.memory_limit)), Ink::kDetail};
}

/// All but the curves, whose width is not known yet.
Cells cells_of(const WatchedProcess& process) {
  Cells cells;
  at(cells, ListColumn::kProgram) = {printable(process.program), Ink::kStrong};
  at(cells, ListColumn::kPid) = {std::to_string(process.identity.pid), Ink::kDetail};
  at(cells, ListColumn::kGoVersion) = {printable(short_go_version(process.go_version)),
                                       Ink::kDetail};
  at(cells, ListColumn::kContainer) = {printable(process.container_short), Ink::kDetail};
  at(cells, ListColumn::kRss) = {figure_text(process, Figure::kRss)};
  at(cells, ListColumn::kLiveHeap) = {figure_text(process, Figure::kHeapMarked)};
  at(cells, ListColumn::kGoroutines) = {figure_text(process, Figure::kGoroutines)};
  set_limit(cells, process);
  VerdictLook verdict = verdict_look(process);
  at(cells, ListColumn::kVerdict) = {verdict.text, verdict.ink};
  if (!process.ended && process.verdict && process.verdict->forecast)
    at(cells, ListColumn::kForecast) = {short_duration(process.verdict->forecast->reached_s),
                                        verdict.ink};
  return cells;
}

std::array<std::size_t, kListColumns> content_of(const WatchState& state) {
  std::array<std::size_t, kListColumns> content{};
  bool any_go = false;
  for (const WatchedProcess& process : state.processes) {
    Cells cells = cells_of(process);
    for (std::size_t i = 0; i < kListColumns; ++i)
      if (cells[i].text != kNothing) content[i] = std::max(content[i], columns(cells[i].text));
    any_go = any_go || !process.go_version.empty();
  }
  content[static_cast<std::size_t>(ListColumn::kRssCurve)] = 1;
  content[static_cast<std::size_t>(ListColumn::kLiveHeapCurve)] = any_go;
  return content;
}

/// Curves belong to the figure before them and stand close to it.
std::size_t gap_before(ListColumn column, const ListWidths& widths) {
  bool close = column == ListColumn::kRssCurve || column == ListColumn::kLiveHeapCurve ||
               column == ListColumn::kLimit;
  return close ? 1 : widths.gap;
}

Line line_of(const Cells& cells, const ListWidths& widths, std::size_t width) {
  Line line;
  for (std::size_t i = 0; i < kListColumns; ++i) {
    ListColumn column = static_cast<ListColumn>(i);
    std::size_t wide = widths.of(column);
    if (wide == 0) continue;
    if (line.width() > 0) line.add(std::string(gap_before(column, widths), ' '));
    Line cell(cells[i].text, cells[i].style());
    if (cell.width() > wide) cell = Line(shorten_middle(cell.text(), wide), cells[i].style());
    if (row_of(column).right) line.add(std::string(wide - cell.width(), ' '));
    line.add(cell);
    line.pad(line.width() + (row_of(column).right ? 0 : wide - cell.width()));
  }
  return line.fit(width);
}

std::optional<ListColumn> sorted_column(SortBy sort) {
  switch (sort) {
    case SortBy::kVerdict:
      return ListColumn::kVerdict;
    case SortBy::kRss:
      return ListColumn::kRss;
    case SortBy::kLiveHeap:
      return ListColumn::kLiveHeap;
    case SortBy::kGoroutines:
      return ListColumn::kGoroutines;
    case SortBy::kLimitShare:
      return ListColumn::kLimitShare;
    case SortBy::kForecast:
      return ListColumn::kForecast;
    case SortBy::kProgram:
      return ListColumn::kProgram;
    case SortBy::kPid:
      return ListColumn::kPid;
  }
  return std::nullopt;
}

Line titles(const WatchView& view, const ListWidths& widths) {
  Cells cells;
  std::optional<ListColumn> sorted = sorted_column(view.sort);
  for (std::size_t i = 0; i < kListColumns; ++i) {
    ListColumn column = static_cast<ListColumn>(i);
    const ListColumnRow& row = row_of(column);
    std::string_view title = row.title.size() <= widths.of(column) ? row.title : row.short_title;
    cells[i] = {std::string(title), column == sorted ? Ink::kStrong : Ink::kDetail};
  }
  return line_of(cells, widths, view.width);
}

void set_curve(Cells& cells, ListColumn column, Figure figure, const WatchedProcess& process,
               const TimeAxis& axis, bool colours) {
  if (axis.columns == 0) return;
  CellStyle style = curve_style(figure, colours);
  at(cells, column) = {sparkline(course_of(process, figure, axis), figure), style.ink, style.layer};
}

}  // namespace

std::vector<Line> list_lines(const WatchView& view, const WatchState& state) {
  ListWidths widths = list_widths(content_of(state), view.width);
  SampledTime time = sampled_time(state);
  auto axis_of = [&](ListColumn column) {
    return time_axis(time.first_ns, time.last_ns, state.interval_s, widths.of(column));
  };
  TimeAxis rss_axis = axis_of(ListColumn::kRssCurve);
  TimeAxis heap_axis = axis_of(ListColumn::kLiveHeapCurve);
  std::vector<Line> lines = {titles(view, widths)};
  std::vector<std::size_t> order = ordered(state, view.sort, view.reversed);
  std::size_t end = std::min(order.size(), view.first_row + list_rows(view));
  for (std::size_t row = view.first_row; row < end; ++row) {
    const WatchedProcess& process = state.processes[order[row]];
    Cells cells = cells_of(process);
    set_curve(cells, ListColumn::kRssCurve, Figure::kRss, process, rss_axis, view.layer_colours);
    set_curve(cells, ListColumn::kLiveHeapCurve, Figure::kHeapMarked, process, heap_axis,
              view.layer_colours);
    Line line = line_of(cells, widths, view.width);
    if (process.ended) line.paint(Ink::kDetail);
    if (process.identity == view.selected) line.select();
    lines.push_back(std::move(line));
  }
  lines.resize(1 + list_rows(view));
  return lines;
}

}  // namespace seep::report
