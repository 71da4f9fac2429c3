#include "monitor/series.h"

#include <algorithm>
#include <cmath>

namespace seep::monitor {

namespace {

constexpr double kSecond = 1e-9;

/// Above any figure of a process that is meant seriously; keeps squares and sums finite.
constexpr double kLargest = 1e18;

void measure_gaps(Run& run) {
  if (run.points.size() < 2) return;
  std::vector<double> gaps;
  gaps.reserve(run.points.size() - 1);
  for (std::size_t i = 1; i < run.points.size(); ++i)
    gaps.push_back(run.points[i].time_s - run.points[i - 1].time_s);
  run.longest_gap_s = *std::max_element(gaps.begin(), gaps.end());
  auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  run.interval_s = *middle;
}

}  // namespace

std::string_view name_of(SeriesKind kind) {
  switch (kind) {
    case SeriesKind::kLiveHeap:
      return "live heap";
    case SeriesKind::kHeapInUse:
      return "heap in use";
    case SeriesKind::kRss:
      return "RSS";
    case SeriesKind::kStacks:
      return "stacks";
    case SeriesKind::kGoroutines:
      return "goroutines";
    case SeriesKind::kOpenFiles:
      return "open files";
  }
  return "series";
}

bool is_bytes(SeriesKind kind) {
  return kind != SeriesKind::kGoroutines && kind != SeriesKind::kOpenFiles;
}

std::vector<Run> runs_of(const Series& series, Diagnostics& diagnostics) {
  std::vector<std::int64_t> restarts = series.restarts_ns;
  std::sort(restarts.begin(), restarts.end());
  std::vector<Run> runs;
  std::size_t passed = 0;  // restarts before the current sample
  const Sample* first = nullptr;
  const Sample* last = nullptr;
  for (const Sample& sample : series.samples) {
    if (!std::isfinite(sample.value) || sample.value < 0 || sample.value > kLargest) {
      diagnostics.count("samples without a usable value");
      continue;
    }
    if (last && sample.monotonic_ns <= last->monotonic_ns) {
      diagnostics.count("samples not later than the one before");
      continue;
    }
    if (!first) first = &sample;
    last = &sample;
    bool restarted = false;
    while (passed < restarts.size() && restarts[passed] <= sample.monotonic_ns) {
      restarted = true;
      ++passed;
    }
    if (runs.empty() || (restarted && !runs.back().points.empty())) runs.emplace_back();
    // As floating point first: the difference of two hostile clocks may not fit an integer.
    double time_s =
        (static_cast<double>(sample.monotonic_ns) - static_cast<double>(first->monotonic_ns)) *
        kSecond;
    std::vector<Point>& points = runs.back().points;
    if (!points.empty() && time_s <= points.back().time_s) {
      diagnostics.count("samples not later than the one before");
      continue;
    }
    points.push_back({time_s, sample.value});
  }
  for (Run& run : runs) measure_gaps(run);
  return runs;
}

}  // namespace seep::monitor
