// The JSON of `seep watch` (schema seep.watch/1; docs/watch.md).
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "monitor/past_events.h"
#include "monitor/watched_process.h"

namespace seep::report {

struct WatchSpan {
  std::int64_t started_ns = 0;  ///< since 1970
  double seconds = 0;
  std::uint64_t rounds = 0;
};

/// `events`: what a store tells of the past.
std::string watch_json(const monitor::WatchState& state, const WatchSpan& span,
                       std::span<const monitor::PastEvent> events = {});

}  // namespace seep::report
