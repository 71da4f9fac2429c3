// Objects that only finalizers and cleanups keep alive, and those among them that keep themselves.
//
// A finalizer keeps its function and all that its object refers to, a cleanup its function and
// argument. If from there a way leads back to the object, it is reachable for ever: the finalizer
// never runs, and no other code can reach it to cut the way.
//
//   finalizer of a -> b, b -> a      both stay; so does what b refers to
//   finalizer of c -> d              c is garbage: its finalizer runs, d waits for that
//   finalizer of e, e -> e           an object's pointers to itself keep nothing
#pragma once

#include <cstdint>
#include <vector>

#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace seep::analysis {

struct FinalizerRegions {
  /// Finalizers and cleanups whose object is on a cycle that nothing else reaches.
  std::vector<snapshot::RootId> cyclic;
  /// Others whose object only such a cycle keeps.
  std::vector<snapshot::RootId> behind;
};

FinalizerRegions find_finalizer_regions(const graph::ObjectGraph& graph);

/// A pointer word on the way from an object with a finalizer back to it.
struct CycleStep {
  snapshot::ObjectId source;
  std::uint64_t offset = 0;  ///< bytes from its first data byte
  snapshot::ObjectId target;
  bool by_function =
      false;  ///< not a word of `source`: its finalizer or cleanup refers to `target`
};

/// A shortest cycle through the object that `root` is set on. Empty if there is none, or none
/// within some million objects.
std::vector<CycleStep> shortest_cycle(const graph::ObjectGraph& graph, snapshot::RootId root);

}  // namespace seep::analysis
