// A figure over time as an area, or several that add up, one upon the other. A character is eight
// steps high, so that a part of a hundredth still shows.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "report/screen.h"
#include "report/time_axis.h"

namespace seep::report {

struct ChartColumn {
  std::vector<double> parts;  ///< from the bottom to the top; none: nothing is known
  bool restart = false;
};

/// How one part is drawn: in its colour, or by repeating a sign, which can only show whole rows.
struct ChartPart {
  CellStyle style;
  std::string_view pattern;
};

struct Chart {
  TimeAxis axis;
  std::vector<ChartColumn> columns;  ///< one for each of the axis
  std::vector<ChartPart> parts;
  bool bytes = true;
  std::optional<double> limit;  ///< a line across, where it is not far above everything
  Ink limit_ink = Ink::kDetail;
};

/// The columns that labels take to the left of the drawing.
inline constexpr std::size_t kChartMargin = 9;

/// Whether the line of the limit is drawn: the highest column reaches a third of it.
bool shows_limit(const Chart& chart);

/// So many lines, at least two; the last is the axis of time.
std::vector<Line> chart_lines(const Chart& chart, std::size_t height);

}  // namespace seep::report
