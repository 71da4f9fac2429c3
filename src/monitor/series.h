// What a watch knows of one figure of one process over time, and how it becomes something to
// calculate with. Intervals are taken from the monotonic clock: the wall clock may be set, and is
// kept for people only. A restart of the program goes on with the same series and is marked,
// because memory does not survive it: nothing is concluded across a mark.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace seep::monitor {

enum class SeriesKind { kLiveHeap, kHeapInUse, kRss, kStacks, kGoroutines, kOpenFiles };

/// "live heap", "RSS", "open files".
std::string_view name_of(SeriesKind kind);

/// Bytes, as opposed to a number of things.
bool is_bytes(SeriesKind kind);

struct Sample {
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;  ///< since 1970
  double value = 0;          ///< bytes or a count; NaN where it could not be read
};

struct Series {
  SeriesKind kind = SeriesKind::kRss;
  std::vector<Sample> samples;
  std::vector<std::int64_t> restarts_ns;  ///< monotonic; samples from here on are of a new process
};

struct Point {
  double time_s = 0;
  double value = 0;
};

/// The samples between two restarts, in the order of time. Seconds count from the first sample of
/// the series, so runs of one series can be laid side by side.
struct Run {
  std::vector<Point> points;
  double longest_gap_s = 0;  ///< between neighbours
  double interval_s = 0;     ///< between most neighbours

  double start_s() const { return points.empty() ? 0 : points.front().time_s; }
  double end_s() const { return points.empty() ? 0 : points.back().time_s; }
  double span_s() const { return end_s() - start_s(); }
};

/// Runs with at least one usable sample. Values that are not finite or negative, and samples that
/// are not later than the one before, are left out and counted.
std::vector<Run> runs_of(const Series& series, Diagnostics& diagnostics);

}  // namespace seep::monitor
