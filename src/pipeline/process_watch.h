// `seep watch`, a round at a time: sampling, verdicts, and what is to be said of the round. Nothing
// here waits; the caller keeps the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "monitor/judge.h"
#include "monitor/recorder.h"
#include "monitor/sampler.h"
#include "monitor/store.h"
#include "pipeline/timely_snapshots.h"
#include "pipeline/watched_processes.h"

namespace seep::pipeline {

struct ProcessWatchOptions {
  WatchTargets targets;
  double interval_s = 1;
  std::string store;  ///< a file; empty: nothing is written down
  monitor::StoreLimits store_limits{};
  std::optional<double> snapshot_share{};  ///< of the limit, from which on snapshots are taken
  std::string snapshot_folder{};           ///< for these, and those that are asked for
};

/// What happened in a round. Indices into WatchState::processes.
struct WatchNews {
  monitor::RoundEvents events;
  std::vector<std::size_t> verdicts;  ///< another word than before
  std::vector<TimelySnapshots::News> snapshots;
};

/// Memory of this machine; 0: unknown.
std::uint64_t host_bytes();

class ProcessWatch {
 public:
  /// kNotFound if a process that was named is not there; also fails like monitor::Store::open
  /// and SnapshotFolder::open.
  static Result<ProcessWatch> start(const ProcessWatchOptions& options);

  WatchNews round(Instant now);
  /// Begins a snapshot because somebody asked for it, and returns where it goes; news of a later
  /// round say how it went. Fails if one is being taken, and like SnapshotFolder::open.
  Result<std::string> take_snapshot(const monitor::ProcessIdentity& process, Instant now);
  /// Judges all for the last time, when a snapshot that is being taken is done.
  void finish(Instant now);

  const monitor::WatchState& state() const { return sampler_->state(); }

 private:
  explicit ProcessWatch(const ProcessWatchOptions& options);

  Result<void> open_store(const ProcessWatchOptions& options);
  Result<void> make_snapshots();
  void note_snapshots(const std::vector<TimelySnapshots::News>& news, Instant now);
  void gather_notes();

  std::optional<double> snapshot_share_;
  std::string snapshot_folder_;
  std::unique_ptr<WatchedProcesses> processes_;
  std::unique_ptr<monitor::Sampler> sampler_;
  monitor::Judge judge_;
  std::optional<monitor::Recorder> recorder_;
  std::unique_ptr<TimelySnapshots> snapshots_;  ///< null: none were taken
};

}  // namespace seep::pipeline
