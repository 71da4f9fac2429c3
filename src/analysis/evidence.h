// All that analyses may look at. An analysis is a pure function of it: it reads no clock, no file
// and no process, so that a drawing, a file and a live process give the same findings.
#pragma once

#include <vector>

#include "analysis/completeness.h"
#include "analysis/extents.h"
#include "analysis/goroutine_groups.h"
#include "analysis/leaked_goroutines.h"
#include "graph/dominator_tree.h"
#include "graph/object_graph.h"
#include "graph/type_inference.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

struct Growth;
struct KnownLeaks;

struct Evidence {
  const snapshot::Snapshot& snapshot;
  const graph::ObjectGraph& graph;
  const graph::TypeAssignment& types;
  const graph::DominatorTree& dominators;
  const LeakedGoroutines& leaked;
  const std::vector<GoroutineGroup>& goroutine_groups;
  const Completeness& completeness;
  const Extents* extents = nullptr;  ///< null: not asked for
  /// Over time (analysis/growth.h); null where only one snapshot is known.
  const Growth* growth = nullptr;
  /// Of well-known packages (analysis/known_leak_match.h); null: not asked for.
  const KnownLeaks* known_leaks = nullptr;
};

}  // namespace seep::analysis
