// What RSS was made of over time, and beside it what it is made of now.
#pragma once

#include <vector>

#include "report/screen.h"
#include "report/time_axis.h"
#include "report/watch_view.h"

namespace seep::report {

/// A title and `height` lines. At least 10 of them show every part in the legend.
std::vector<Line> rss_chart_lines(const WatchView& view, const monitor::WatchState& state,
                                  const monitor::WatchedProcess& process, std::size_t height);

}  // namespace seep::report
