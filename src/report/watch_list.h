// The live view's list: a line for each process, with as many columns as the terminal is wide.
#pragma once

#include <vector>

#include "report/screen.h"
#include "report/watch_view.h"

namespace seep::report {

/// The titles, and list_rows() lines.
std::vector<Line> list_lines(const WatchView& view, const monitor::WatchState& state);

}  // namespace seep::report
