// What a watch has seen, on disk: one SQLite file of bounded size that one watch writes and any
// number of readers read meanwhile. The file: docs/formats/seep-store.md.
//
// A round, all samples of one instant, is one row and one transaction; every sixty rounds become
// chunks, one for each process (sample_chunk.h). Nothing of it waits in memory, so a watch that is
// killed loses the round it was writing, and a full disk costs rounds and no memory. Once a second
// at most what was written is forced to the disk: that second is what a power failure may take.
//
// Time: samples of several boots of the machine stand on one axis that never goes back, whatever
// the wall clock does. Given out is CLOCK_BOOTTIME of the newest boot in the store, so samples of
// earlier boots have times below zero. Kept to the millisecond.
//
// Samples grow old: all of them for an hour, then for each 10 s, then for each minute, two rows:
// the lowest values of each figure at the time of the first sample, and the highest ones at the
// time of the last (thinning.h). Floors and peaks, on which verdicts and forecasts rest, so stay.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "monitor/figure.h"
#include "monitor/series.h"

namespace seep::monitor {

inline constexpr int kOldestSupportedVersion = 1;
inline constexpr int kCurrentVersion = 1;

struct StoreLimits {
  double every_sample_s = 3600;     ///< how long every sample is kept …
  double ten_seconds_s = 86400;     ///< … then two for each 10 s, until they are so old …
  double minutes_s = 30 * 86400.0;  ///< … then two for each minute, until they are so old
  /// Of the file, beside its log of a few MiB; the oldest go first. 4 MiB at least.
  std::uint64_t most_bytes = 256u << 20;
};

/// Processes of the same executable in the same container, one after the other, are one series.
struct ProgramName {
  std::string program;     ///< last part of the executable's path
  std::string executable;  ///< its path
  std::string go_version;  ///< empty: not a Go program
  std::string container;   ///< empty on the host

  bool operator==(const ProgramName&) const = default;
};

struct RoundSample {
  ProcessIdentity identity;
  ProgramName name;  ///< read when the process is new to the store
  ProcessSample sample;
};

enum class EndKind : std::uint8_t { kUnknown, kNotOomKilled, kOomKilled };

struct RoundEnd {
  ProcessIdentity identity;
  EndKind how = EndKind::kUnknown;
};

enum class EventKind : std::uint8_t {
  kVerdict,  ///< text: name_of(VerdictKind), from now on; detail: its evidence
  kOomKill,  ///< the kernel counted one in the cgroup
  kNote,     ///< "clock set back by 3 s", "snapshot saved: …"
};

struct RoundEvent {
  ProcessIdentity identity;
  EventKind kind = EventKind::kNote;
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;
  std::string text;
  std::string detail;
};

/// Written in this order: the last sample of a process and its end may be of one round. A process
/// that has ended and is sampled again has run another program in its place: a new one.
struct Round {
  std::vector<RoundSample> samples;
  std::vector<RoundEvent> events;  ///< of processes that are not in the store: left out
  std::vector<RoundEnd> ends;      ///< likewise
};

struct StoredSeriesIdTag {};
using StoredSeriesId = StrongId<StoredSeriesIdTag>;

struct StoredProcess {
  ProcessIdentity identity;
  std::string go_version;
  std::int64_t first_ns = 0;  ///< of its first and last sample
  std::int64_t last_ns = 0;
  std::optional<EndKind> end;  ///< nothing: was running when last seen
};

struct StoredSeries {
  StoredSeriesId id;
  ProgramName name;                      ///< go_version: of the newest process
  std::vector<StoredProcess> processes;  ///< oldest first, one at least
  std::string verdict;                   ///< the last of the newest process; empty before the first
};

struct StoredEvent {
  ProcessIdentity identity;
  EventKind kind = EventKind::kNote;
  std::int64_t monotonic_ns = 0;
  std::int64_t wall_ns = 0;
  std::string text;
  std::string detail;
};

/// When its second and later processes began: the marks of monitor::Series.
std::vector<std::int64_t> restarts_of(const StoredSeries& series);

struct TimeRange {
  std::int64_t from_ns = std::numeric_limits<std::int64_t>::min();
  std::int64_t to_ns = std::numeric_limits<std::int64_t>::max();  ///< included
};

/// For one thread at a time, and not across fork().
class Store {
 public:
  /// To write: makes the file or goes on with it. Fails with kInvalidArgument: another watch writes
  /// it, or it is no store; kUnsupported: of a newer version; kCorrupt; kPermissionDenied, kIo.
  static Result<Store> open(const std::string& path, const StoreLimits& limits = {});

  /// To read, while a watch writes or not. put() fails. Also kNotFound.
  static Result<Store> open_to_read(const std::string& path);

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  /// All of it or nothing. After an error (kIo: the disk is full) the store is as before and the
  /// next put() may succeed; the round is not kept for it.
  Result<void> put(const Round& round);

  /// All series, in the order in which they began.
  Result<std::vector<StoredSeries>> series(Diagnostics& diagnostics);

  /// Of all processes of the series, by time. What is damaged is left out and counted. Of more than
  /// half a million the newest; a month has a fifth of that.
  Result<std::vector<ProcessSample>> samples(StoredSeriesId series, TimeRange range,
                                             Diagnostics& diagnostics);

  /// The same, all of them, one by one: in the order of time as far as its processes do not
  /// overlap.
  Result<void> each_sample(StoredSeriesId series, TimeRange range, Diagnostics& diagnostics,
                           const std::function<void(const ProcessSample&)>& visit);

  /// Of one figure; where it is unknown there is no sample. A fraction of the cost of samples().
  Result<std::vector<Sample>> values(StoredSeriesId series, Figure figure, TimeRange range,
                                     Diagnostics& diagnostics);

  /// By time.
  Result<std::vector<StoredEvent>> events(StoredSeriesId series, TimeRange range);

 private:
  struct State;
  explicit Store(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace seep::monitor
