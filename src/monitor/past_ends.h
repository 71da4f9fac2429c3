// What a store tells of how processes came to their ends: those that a watch saw, and those that
// happened while none was there, by the kernel's count of OOM kills before and after.
#pragma once

#include <optional>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "monitor/store.h"
#include "monitor/verdict.h"
#include "monitor/watched_process.h"

namespace seep::monitor {

struct PastEnd {
  ProcessIdentity identity;
  std::int64_t monotonic_ns = 0;  ///< of its last sample, as the store gives it out
  std::int64_t wall_ns = 0;
  bool seen = false;          ///< by a watch; else it was gone when the next one looked
  std::optional<OomEnd> oom;  ///< if it was for want of memory
};

/// Of all processes of the series that have ended; the newest one only if the store says so, or if
/// `newest_is_gone`. `host_bytes` is the limit where there is no other; 0: none. At most the newest
/// 100.
Result<std::vector<PastEnd>> past_ends(Store& store, const StoredSeries& series,
                                       bool newest_is_gone, std::uint64_t host_bytes,
                                       Diagnostics& diagnostics, const VerdictRules& rules = {});

}  // namespace seep::monitor
