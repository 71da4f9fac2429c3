// Time cut into the columns of a drawing. A column begins at a multiple of its own length, so that
// the picture stands still while time goes on, and moves by one column at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "monitor/watched_process.h"

namespace seep::report {

struct TimeAxis {
  std::int64_t start_ns = 0;  ///< on the clock of ProcessSample::monotonic_ns
  std::int64_t step_ns = 1;   ///< length of a column
  std::size_t columns = 0;

  double span_s() const {
    return static_cast<double>(step_ns) * 1e-9 * static_cast<double>(columns);
  }
  std::optional<std::size_t> column_of(std::int64_t time_ns) const;
};

/// From `first_ns` or earlier to `last_ns`, which is in the last column. A column has
/// one of a fixed series of lengths, at least `interval_s`, and as short as all fits.
TimeAxis time_axis(std::int64_t first_ns, std::int64_t last_ns, double interval_s,
                   std::size_t columns);

struct SampledTime {
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

/// From the first to the last sample of all processes; both 0 where there is none.
SampledTime sampled_time(const monitor::WatchState& state);

/// One process along an axis.
struct Course {
  /// Of each column the sample in which the figure is highest, because it is peaks that get a
  /// process killed; null where nothing was sampled.
  std::vector<const monitor::ProcessSample*> samples;
  std::vector<bool> restarts;  ///< the program began anew in this column
};

/// Valid as long as `process` is. A column without a sample between two that are not much further
/// apart than its samples mostly are is no gap: it takes the one before.
Course course_of(const monitor::WatchedProcess& process, monitor::Figure figure,
                 const TimeAxis& axis);

}  // namespace seep::report
