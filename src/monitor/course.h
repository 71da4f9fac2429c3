// What a verdict needs of a process's past: each run of the program as a whole, and the last two
// hours more closely. The course of a month in slots of equal length does not show what began an
// hour ago, and that of an hour not what a month adds up to. About 100 KB a process.
#pragma once

#include <cstdint>
#include <vector>

#include "monitor/figure.h"
#include "monitor/series.h"
#include "monitor/slotted_course.h"

namespace seep::monitor {

class Course {
 public:
  Course();

  /// Samples come in the order of time.
  void push(const ProcessSample& sample);
  /// What comes from here on is of a new process.
  void mark_restart(std::int64_t monotonic_ns);

  /// All that is known; no samples of a figure that was never read.
  Series whole(SeriesKind kind) const;
  /// The last two hours.
  Series recent(SeriesKind kind) const;
  /// Usage of the cgroup, as a series of the kind of RSS.
  Series cgroup_usage() const;

  double span_s() const;
  /// Of the present run.
  double run_span_s() const;

 private:
  Series whole(std::size_t column, SeriesKind kind) const;

  std::vector<SlottedCourse> runs_;  ///< the last is the present one
  SlottedCourse recent_;
  std::vector<std::int64_t> restarts_ns_;
};

}  // namespace seep::monitor
