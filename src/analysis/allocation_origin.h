// Where retained objects were allocated, from the samples that the runtime's own heap profile
// keeps (one in 512 KiB by default).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "graph/dominator_tree.h"

namespace seep::analysis {

struct AllocationOrigin {
  std::vector<OriginFrame> frames;  ///< the stack that allocated most; empty without samples
  std::uint64_t samples = 0;
  double share = 0;  ///< of the sampled bytes, allocated by that stack
};

/// For each holder, what it and all that it dominates was allocated by. Holders do not dominate
/// each other.
std::vector<AllocationOrigin> allocation_origins(const graph::DominatorTree& dominators,
                                                 const std::vector<graph::NodeId>& holders);

/// The same for groups of objects, each by rising id.
std::vector<AllocationOrigin> allocation_origins(
    const snapshot::Snapshot& snapshot, const std::vector<std::vector<snapshot::ObjectId>>& groups);

/// A stack that allocates, from the place that people would name outwards.
std::vector<OriginFrame> allocation_frames(const snapshot::Snapshot& snapshot,
                                           snapshot::StackId stack);

/// How many bytes a sampled object of `bytes` stands for (runtime/pprof, scaleHeapSample).
double sample_weight(std::uint64_t bytes, std::uint64_t sample_rate);

}  // namespace seep::analysis
