// Go's own figures of a program's memory, as one look at its runtime's variables shows them. They
// mean what runtime.MemStats and runtime/metrics mean by them.
#pragma once

#include <cstdint>
#include <optional>

namespace seep::snapshot {

/// Bytes where nothing else is said. What this release does not keep, or what could not be read in
/// a consistent state, is absent.
struct GoFigures {
  std::optional<std::uint64_t> heap_marked;  ///< found alive by the last collection; none before it
  std::optional<std::uint64_t> heap_live;    ///< that, and what was allocated since
  std::optional<std::uint64_t> heap_alloc;   ///< MemStats.HeapAlloc
  std::optional<std::uint64_t> heap_in_use;  ///< MemStats.HeapInuse: spans with objects
  std::optional<std::uint64_t> heap_idle;    ///< MemStats.HeapIdle: spans without, also released
  std::optional<std::uint64_t> heap_released;  ///< MemStats.HeapReleased: given back to the system
  std::optional<std::uint64_t> stacks_in_use;  ///< MemStats.StackInuse
  std::optional<std::uint64_t> metadata;       ///< MemStats' MSpan, MCache, GC and Other Sys
  std::optional<std::uint64_t> profile_buckets;    ///< MemStats.BuckHashSys
  std::optional<std::uint64_t> objects;            ///< MemStats.HeapObjects, a number
  std::optional<std::uint64_t> goroutines;         ///< as runtime.NumGoroutine, a number
  std::optional<std::uint64_t> collections;        ///< MemStats.NumGC, a number
  std::optional<std::uint64_t> heap_goal;          ///< MemStats.NextGC; none where GOGC is off
  std::optional<std::int32_t> gc_percent;          ///< GOGC; -1 is off
  std::optional<std::uint64_t> memory_limit;       ///< GOMEMLIMIT, where one is set
  std::optional<std::int64_t> last_collection_ns;  ///< end of the last one, since 1970

  bool operator==(const GoFigures&) const = default;
};

}  // namespace seep::snapshot
