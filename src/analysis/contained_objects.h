// Objects of a sort, by the container that alone keeps them.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/dominator_tree.h"

namespace seep::analysis {

struct ContainedObjects {
  graph::NodeId container;
  std::uint64_t objects = 0;
};

/// How many of `objects`, all reachable, each of `containers` dominates; of several the nearest
/// counts. Objects below none of them count for the lowest node that all such objects of one root
/// lie below. That may be a root.
std::vector<ContainedObjects> objects_by_container(
    const graph::DominatorTree& dominators, const std::vector<snapshot::ObjectId>& objects,
    const std::vector<snapshot::ObjectId>& containers);

}  // namespace seep::analysis
