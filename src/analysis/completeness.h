// How much of a program was read: what every report says about itself.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_size.h"
#include "graph/reachability.h"
#include "graph/type_inference.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// How much of the program was read, and what was skipped.
struct Completeness {
  std::uint64_t objects = 0;
  ByteSize object_bytes;
  std::uint64_t reachable_objects = 0;
  ByteSize reachable_bytes;
  ByteSize untyped_bytes;  ///< of reachable objects
  std::uint64_t goroutines = 0;
  std::uint64_t goroutines_unwound = 0;
  std::uint64_t unreadable_bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> anomalies;  ///< what, how often
};

/// `reachable` is from all roots.
Completeness measure_completeness(const snapshot::Snapshot& snapshot,
                                  const graph::TypeAssignment& types,
                                  const graph::Reachability& reachable);

}  // namespace seep::analysis
