// Who and what in a snapshot fits the entries of the table of known leaks: one pass over the
// stacks, one over the objects.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/scenarios/known_leaks_data.h"

namespace seep::analysis {

/// Of one entry. Goroutines are indices into Snapshot::goroutines.
struct KnownLeakCount {
  std::vector<std::uint32_t> goroutines;  ///< in KnownLeak::stacks; of kHungHolders those that hang
  std::vector<std::uint32_t> helpers;
  std::vector<snapshot::RootId> timers;
  std::vector<snapshot::ObjectId> subjects;    ///< reachable, single values of the type
  std::vector<snapshot::ObjectId> keepers;     ///< reachable
  std::vector<snapshot::ObjectId> containers;  ///< reachable
};

/// One for each of known_leaks(), in its order.
std::vector<KnownLeakCount> count_known_leaks(const Evidence& evidence);

}  // namespace seep::analysis
