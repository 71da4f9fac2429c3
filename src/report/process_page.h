// The live view's page of one process: its verdict in words, what its RSS is made of over time, its
// live heap and goroutines, and the evidence.
#pragma once

#include <vector>

#include "report/screen.h"
#include "report/watch_view.h"

namespace seep::report {

/// As many lines as there are between the screen's header and its last two lines, from
/// `view.first_line` on.
std::vector<Line> process_lines(const WatchView& view, const monitor::WatchState& state,
                                const monitor::WatchedProcess& process);

/// How far the page can be scrolled.
std::size_t last_first_line(const WatchView& view, const monitor::WatchState& state,
                            const monitor::WatchedProcess& process);

}  // namespace seep::report
