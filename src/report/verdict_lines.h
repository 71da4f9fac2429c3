// A process's verdict for the live view: what is said first, and the evidence behind it.
#pragma once

#include <string>
#include <vector>

#include "report/screen.h"
#include "report/watch_view.h"

namespace seep::report {

/// The word, the one or two statements it rests on, and the first finding that explains it.
std::vector<Line> headline_lines(const monitor::WatchedProcess& process, std::size_t width);

/// All other evidence, of the process and of each series, what is known of its end, the files that
/// were saved, and what could not be read.
std::vector<Line> evidence_lines(const monitor::WatchedProcess& process, std::size_t width);

/// "✗ +24.0 MiB/h" for a figure whose series grows; else empty.
Line growth_mark(const monitor::WatchedProcess& process, monitor::SeriesKind series);

}  // namespace seep::report
