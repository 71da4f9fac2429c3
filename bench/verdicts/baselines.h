// What others do with the same series: the judges that seep is measured against. Each gets the run
// since the last restart, every sample of it.
#pragma once

#include <span>

#include "monitor/series.h"

namespace seep::bench {

/// Kendall's S above what chance gives at 5 %, samples taken as independent.
bool plain_mann_kendall(std::span<const monitor::Point> points);

/// Least squares; more than 10 MiB an hour, or 100 goroutines or files.
bool fixed_slope(std::span<const monitor::Point> points, monitor::SeriesKind kind);

/// Least squares; rises, and explains four fifths of the squares.
bool linear_fit(std::span<const monitor::Point> points);

}  // namespace seep::bench
