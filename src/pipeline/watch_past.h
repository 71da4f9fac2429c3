// What the store of a watch knows, without watching: also while a watch writes it, after the
// machine has gone down, or on another machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "monitor/past_events.h"
#include "monitor/watched_process.h"
#include "pipeline/watched_processes.h"

namespace seep::pipeline {

struct WatchPast {
  monitor::WatchState state;  ///< judged; times of samples are moved to the clock of this boot
  std::vector<monitor::PastEvent> events;  ///< by time
  std::int64_t first_wall_ns = 0;          ///< of the first sample
  double seconds = 0;                      ///< from the first to the last
};

/// Of the programs that are named, or of all. Fails like monitor::Store::open_to_read.
Result<WatchPast> read_watch_past(const std::string& store, const WatchTargets& targets);

}  // namespace seep::pipeline
