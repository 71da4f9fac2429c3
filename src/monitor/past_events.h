// What happened to a program, as a store tells it: when it was seen first and again, what was said
// of it, how its processes ended.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "monitor/store.h"
#include "monitor/watched_process.h"

namespace seep::monitor {

struct PastEvent {
  enum class Kind : std::uint8_t {
    kWatched,    ///< its first sample
    kRestarted,  ///< the first sample of a later process of the program
    kVerdict,    ///< text: the word; detail: the evidence
    kNote,       ///< text
    kEnded,      ///< after this, its last sample
  };
  Kind kind = Kind::kNote;
  std::int64_t monotonic_ns = 0;  ///< as the store gives it out
  std::int64_t wall_ns = 0;
  ProcessIdentity identity;
  std::string program;
  std::string text{};
  std::string detail{};
  bool seen = true;             ///< an end: by a watch; else it was gone when the next one looked
  std::optional<OomEnd> oom{};  ///< an end for want of memory
};

/// "restarted": as in JSON.
std::string_view name_of(PastEvent::Kind kind);

/// By time. Arguments as of past_ends().
Result<std::vector<PastEvent>> past_events(Store& store, const StoredSeries& series,
                                           bool newest_is_gone, std::uint64_t host_bytes,
                                           Diagnostics& diagnostics);

}  // namespace seep::monitor
