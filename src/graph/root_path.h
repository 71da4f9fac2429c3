// How objects are reached: the references on a shortest way from a root.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bitmap.h"
#include "graph/object_graph.h"

namespace seep::graph {

/// One pointer word on a path and what it leads to.
struct PathReference {
  NodeId source;                     ///< a root or an object
  std::uint64_t offset = 0;          ///< of the word: in the object, or in the variable of the root
  std::uint32_t root_reference = 0;  ///< if `source` is a root: index into Roots::references
  bool interior = false;
  snapshot::ObjectId target;

  bool operator==(const PathReference&) const = default;
};

/// From the root down: the source of the first is the root, the target of the last is the object.
using RootPath = std::vector<PathReference>;

/// A tree of shortest paths to everything: one breadth-first search, however many paths are asked
/// for. 4 bytes a slot.
///
/// Among equally long ways one from a package variable is preferred to one from a goroutine, and
/// that to one from a finalizer, cleanup or weak handle: names say more than frames, and frames
/// more than specials.
class RootPaths {
 public:
  /// Without ways that begin at the roots in `left_out` (bits by root id).
  explicit RootPaths(const ObjectGraph& graph, const Bitmap* left_out = nullptr);

  /// The node before; the super root for what is unreachable, and for roots.
  NodeId parent(snapshot::ObjectId object) const { return NodeId{parents_[object.value]}; }
  /// From the root down to the object, both included; empty for what is unreachable.
  std::vector<NodeId> nodes_to(snapshot::ObjectId object) const;
  RootPath path_to(snapshot::ObjectId object) const;

 private:
  const ObjectGraph* graph_;
  std::vector<std::uint32_t> parents_;  ///< by object id
};

/// The first reference from `source` to `target`; there is one.
PathReference reference_between(const ObjectGraph& graph, NodeId source, snapshot::ObjectId target);

}  // namespace seep::graph
