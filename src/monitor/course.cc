#include "monitor/course.h"

namespace seep::monitor {

namespace {

// Two samples a slot: as many as are told apart when a verdict is made (buckets.cc).
constexpr std::size_t kMostOfRun = 480;
// The runs before are there to judge a young one by.
constexpr std::size_t kMostRuns = 4;
constexpr std::size_t kMostOfOldRun = 120;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kRecent = 7200 * kSecond;
constexpr std::int64_t kRecentSlot = 20 * kSecond;
constexpr std::size_t kMostRecent = 2 * kRecent / kRecentSlot;  // never: older ones go before

double seconds(std::int64_t ns) { return static_cast<double>(ns) / kSecond; }

}  // namespace

Course::Course() : runs_{SlottedCourse(kMostOfRun, 0)}, recent_(kMostRecent, kRecentSlot) {}

void Course::push(const ProcessSample& sample) {
  runs_.back().push(sample);
  recent_.push(sample);
  recent_.forget_before(sample.monotonic_ns - kRecent);
}

void Course::mark_restart(std::int64_t monotonic_ns) {
  if (runs_.back().empty()) return;
  recent_.close_slot();
  runs_.back().shrink(kMostOfOldRun);
  if (runs_.size() == kMostRuns) {
    runs_.erase(runs_.begin());
    restarts_ns_.erase(restarts_ns_.begin());
  }
  runs_.emplace_back(kMostOfRun, 0);
  restarts_ns_.push_back(monotonic_ns);
}

Series Course::whole(std::size_t column, SeriesKind kind) const {
  Series series{kind, {}, restarts_ns_};
  for (const SlottedCourse& run : runs_) run.append_to(series, column);
  return series;
}

Series Course::whole(SeriesKind kind) const { return whole(static_cast<std::size_t>(kind), kind); }

Series Course::cgroup_usage() const { return whole(kUsageColumn, SeriesKind::kRss); }

Series Course::recent(SeriesKind kind) const {
  Series series{kind, {}, restarts_ns_};
  recent_.append_to(series, static_cast<std::size_t>(kind));
  return series;
}

double Course::run_span_s() const {
  if (runs_.back().empty()) return 0;
  return seconds(runs_.back().last_ns() - runs_.back().first_ns());
}

double Course::span_s() const {
  if (runs_.front().empty()) return 0;
  const SlottedCourse& last =
      runs_.back().empty() && runs_.size() > 1 ? runs_[runs_.size() - 2] : runs_.back();
  return seconds(last.last_ns() - runs_.front().first_ns());
}

}  // namespace seep::monitor
