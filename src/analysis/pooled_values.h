// What the sync.Pools of a program keep, where a few large values are most of it.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/evidence.h"

namespace seep::analysis {

struct PooledValues {
  std::uint64_t values = 0;    ///< all that lie in the pool
  ByteSize bytes;              ///< retained by them
  ByteSize median;             ///< retained by one of them
  graph::Extent large;         ///< values far above the median; `objects` counts values
  snapshot::ObjectId example;  ///< the largest
};

/// Pools whose values are so unequal that the large ones hold most of it. `shelves` are the objects
/// that pools consist of (sync.poolLocal and the parts of its queues).
std::vector<PooledValues> unequal_pools(const Evidence& evidence,
                                        const std::vector<snapshot::ObjectId>& shelves);

}  // namespace seep::analysis
