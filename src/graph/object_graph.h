// Objects and roots as nodes of one graph.
//
// The objects keep their ids 1 ... slot_count, root r is node slot_count + r, and node 0 is the
// super root that refers to all roots. So "retained by goroutine 17" and "retained by main.cache"
// are retained sizes like those of any object. A view: it holds nothing but the snapshot.
#pragma once

#include <cstdint>

#include "snapshot/snapshot.h"

namespace seep::graph {

/// An object, a root, or the super root (none).
using NodeId = StrongId<struct NodeTag>;

inline constexpr NodeId kSuperRoot{};

class ObjectGraph {
 public:
  /// `snapshot` outlives the graph. Its slots and roots together are fewer than 2^32 - 2.
  explicit ObjectGraph(const snapshot::Snapshot& snapshot) : snapshot_(&snapshot) {}

  const snapshot::Snapshot& snapshot() const { return *snapshot_; }
  const snapshot::Heap& heap() const { return snapshot_->heap; }
  const snapshot::Roots& roots() const { return snapshot_->roots; }

  std::uint32_t slot_count() const { return heap().slot_count; }
  /// The highest node id.
  std::uint32_t node_count() const { return slot_count() + roots().count(); }

  static NodeId node(snapshot::ObjectId id) { return NodeId{id.value}; }
  NodeId node(snapshot::RootId id) const {
    return id.is_none() ? NodeId{} : NodeId{slot_count() + id.value};
  }
  bool is_root(NodeId node) const { return node.value > slot_count(); }
  bool is_object(NodeId node) const { return node.value != 0 && node.value <= slot_count(); }
  /// None for a root and the super root.
  snapshot::ObjectId object(NodeId node) const {
    return is_object(node) ? snapshot::ObjectId{node.value} : snapshot::ObjectId{};
  }
  /// None for an object and the super root.
  snapshot::RootId root(NodeId node) const {
    return is_root(node) ? snapshot::RootId{node.value - slot_count()} : snapshot::RootId{};
  }

  /// Shallow bytes: the slot of an object, nothing for a root. Binary search.
  std::uint64_t bytes(NodeId node) const {
    return is_object(node) ? heap().size_of(object(node)) : 0;
  }

  /// Calls visit(NodeId) for each reference to an object, as often as there are references. Targets
  /// that are not allocated are left out.
  template <typename Visit>
  void for_each_successor(NodeId node, Visit&& visit) const {
    if (node == kSuperRoot) {
      for (std::uint32_t i = 1; i <= roots().count(); ++i) visit(NodeId{slot_count() + i});
    } else if (is_root(node)) {
      const snapshot::GcRoot& root = roots()[this->root(node)];
      for (std::uint32_t i = 0; i < root.reference_count; ++i) {
        snapshot::ObjectId target = roots().references[root.first_reference + i].target;
        if (heap().is_object(target)) visit(this->node(target));
      }
    } else {
      const snapshot::ReferenceTable& table = heap().references;
      for (std::uint32_t i = table.first[node.value]; i < table.first[node.value + 1]; ++i)
        if (heap().is_object({table.targets[i]})) visit(NodeId{table.targets[i]});
    }
  }

 private:
  const snapshot::Snapshot* snapshot_;
};

}  // namespace seep::graph
