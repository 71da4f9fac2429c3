#include "report/time_axis.h"

#include <algorithm>
#include <cmath>

namespace seep::report {
namespace {

using monitor::ProcessSample;

constexpr double kSecond = 1e9;
/// Samples come late on a busy machine; only a longer silence is a gap.
constexpr double kGapDistances = 2.5;
constexpr double kLongestNs = 1e18;

/// Lengths of a column: from a second, each a sixth longer than the one before, so that at most a
/// seventh of a drawing is empty.
constexpr std::int64_t kShortestNs = 1'000'000'000;
constexpr std::int64_t kLongestStepNs = 90 * 86400 * kShortestNs;
std::int64_t longer(std::int64_t step_ns) { return step_ns + step_ns / 6; }

/// Rounded down, also of negative numbers.
std::int64_t column_number(std::int64_t time_ns, std::int64_t step_ns) {
  std::int64_t number = time_ns / step_ns;
  return time_ns % step_ns < 0 ? number - 1 : number;
}

/// Beyond which there is a gap between neighbours; an old watch keeps a sample every so many only.
std::int64_t longest_distance_ns(const std::vector<ProcessSample>& history) {
  std::vector<double> distances;
  for (std::size_t i = 1; i < history.size(); ++i)
    distances.push_back(static_cast<double>(history[i].monotonic_ns) -
                        static_cast<double>(history[i - 1].monotonic_ns));
  if (distances.empty()) return 0;
  auto middle = distances.begin() + static_cast<std::ptrdiff_t>(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  return static_cast<std::int64_t>(std::clamp(kGapDistances * *middle, 0.0, kLongestNs));
}

bool is_higher(const ProcessSample& sample, const ProcessSample* other, monitor::Figure figure) {
  if (other == nullptr || !(*other)[figure]) return true;
  return sample[figure] && *sample[figure] > *(*other)[figure];
}

}  // namespace

std::optional<std::size_t> TimeAxis::column_of(std::int64_t time_ns) const {
  if (time_ns < start_ns) return std::nullopt;
  // Unsigned, because a damaged store may hold times whose distance is no std::int64_t.
  std::uint64_t since = static_cast<std::uint64_t>(time_ns) - static_cast<std::uint64_t>(start_ns);
  std::uint64_t column = since / static_cast<std::uint64_t>(step_ns);
  if (column >= columns) return std::nullopt;
  return static_cast<std::size_t>(column);
}

TimeAxis time_axis(std::int64_t first_ns, std::int64_t last_ns, double interval_s,
                   std::size_t columns) {
  std::int64_t most = static_cast<std::int64_t>(std::max<std::size_t>(columns, 1));
  TimeAxis axis{.columns = columns};
  for (axis.step_ns = kShortestNs; axis.step_ns < kLongestStepNs;
       axis.step_ns = longer(axis.step_ns)) {
    std::int64_t needed =
        column_number(last_ns, axis.step_ns) - column_number(first_ns, axis.step_ns) + 1;
    if (static_cast<double>(axis.step_ns) >= interval_s * kSecond && needed <= most) break;
  }
  axis.start_ns = (column_number(last_ns, axis.step_ns) - most + 1) * axis.step_ns;
  return axis;
}

SampledTime sampled_time(const monitor::WatchState& state) {
  std::optional<SampledTime> all;
  for (const monitor::WatchedProcess& process : state.processes) {
    if (process.history.empty()) continue;
    SampledTime own = {process.history.front().monotonic_ns, process.history.back().monotonic_ns};
    if (!all) all = own;
    all->first_ns = std::min(all->first_ns, own.first_ns);
    all->last_ns = std::max(all->last_ns, own.last_ns);
  }
  return all.value_or(SampledTime{});
}

Course course_of(const monitor::WatchedProcess& process, monitor::Figure figure,
                 const TimeAxis& axis) {
  Course course;
  course.samples.resize(axis.columns);
  course.restarts.resize(axis.columns);
  std::int64_t longest_ns = longest_distance_ns(process.history);
  const ProcessSample* before = nullptr;
  for (const ProcessSample& sample : process.history) {
    std::optional<std::size_t> column = axis.column_of(sample.monotonic_ns);
    if (!column) continue;
    if (before && sample.monotonic_ns - before->monotonic_ns <= longest_ns) {
      // Empty columns between the two; bounded by the width of the axis.
      for (std::size_t i = *axis.column_of(before->monotonic_ns) + 1; i < *column; ++i)
        course.samples[i] = before;
    }
    if (is_higher(sample, course.samples[*column], figure)) course.samples[*column] = &sample;
    before = &sample;
  }
  for (std::int64_t restart_ns : process.restarts_ns)
    if (std::optional<std::size_t> column = axis.column_of(restart_ns))
      course.restarts[*column] = true;
  return course;
}

}  // namespace seep::report
