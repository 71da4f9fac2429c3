// What is kept of an earlier snapshot of the same process, so that three snapshots of a large
// program are never in memory at once: figures, and which objects there were.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/evidence.h"
#include "graph/heap_trace.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// Goroutines of one go statement.
struct StartedGoroutines {
  std::uint64_t count = 0;
  std::uint64_t stack_bytes = 0;
};

/// What is reached of what one stack allocated, scaled up from the samples of the runtime's own
/// heap profile that are still there. Its counters would do as well, but lag behind by a
/// collection.
struct SiteInUse {
  snapshot::StackId stack;  ///< of that snapshot
  double objects = 0;
  double bytes = 0;
};

struct Milestone {
  snapshot::ProgramInfo program;
  snapshot::RuntimeStatistics runtime;
  graph::Extent live;  ///< reachable
  graph::HeapTrace trace;
  std::vector<std::uint64_t> goroutine_ids;             ///< rising
  std::map<std::string, StartedGoroutines> goroutines;  ///< by start_key
  std::map<std::string, SiteInUse> sites;               ///< by site_key
};

Milestone milestone_of(const Evidence& evidence);

/// The go statement of a goroutine, as text that is equal in two snapshots of one build; empty for
/// the first goroutine and the runtime's own.
std::string start_key(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine);

/// A stack that allocates, from the innermost frame outwards.
std::string site_key(const snapshot::Snapshot& snapshot, snapshot::StackId stack);

std::map<std::string, StartedGoroutines> goroutines_by_start(const snapshot::Snapshot& snapshot);
std::map<std::string, SiteInUse> sites_in_use(const graph::DominatorTree& dominators);

/// What a process is known by: its id, the instant it started, and the boot of the machine. Equal
/// for two snapshots of one process; empty if that is not known.
std::string process_identity(const snapshot::ProgramInfo& program);

/// Seconds from one snapshot to another of one process.
double seconds_between(const snapshot::ProgramInfo& before, const snapshot::ProgramInfo& after);

}  // namespace seep::analysis
