// The dominator tree of the object graph: who alone keeps what alive.
//
// Node a dominates b if every path from the super root to b passes a: without a, b would go. What a
// node retains is the sum over its subtree. That never counts an object twice, and so understates
// what shared objects cost (two holders of one map: neither retains it).
//
// Semi-NCA: L. Georgiadis, "Linear-Time Algorithms for Dominators and Related Problems" (Princeton,
// 2005), and Georgiadis, Tarjan, Werneck, "Finding Dominators in Practice" (JGAA 10, 2006). Almost
// linear in practice, whatever the shape of the graph; all passes are loops, since a list of ten
// million objects is a path as deep.
//
// Memory: 16 bytes a reachable node and 4 a slot to keep; while building, 20 a node and 8 a
// reference that is not an edge of the depth-first tree more at most.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace seep::graph {

class DominatorTree {
 public:
  explicit DominatorTree(const ObjectGraph& graph);

  const ObjectGraph& graph() const { return *graph_; }

  bool is_reachable(NodeId node) const { return number_[node.value] != 0; }
  /// Reachable nodes: roots, objects and the super root.
  std::uint32_t reachable_nodes() const { return static_cast<std::uint32_t>(nodes_.size() - 1); }

  /// The super root for what no single node keeps alive, for itself, and for what is unreachable.
  NodeId dominator(NodeId node) const { return nodes_[dominators_[number_[node.value]]]; }

  /// Of the node and all that it dominates; nothing for an unreachable one.
  Extent retained(NodeId node) const {
    std::uint32_t number = number_[node.value];
    return {retained_objects_[number], ByteSize(retained_bytes_[number])};
  }

  /// All reachable nodes, dominators before what they dominate; the super root is first.
  template <typename Visit>
  void for_each_reachable(Visit&& visit) const {
    for (std::size_t i = 1; i < nodes_.size(); ++i) visit(nodes_[i]);
  }

 private:
  friend class DominatedNodes;

  // By number: position in the depth-first preorder. 0 stands for what is unreachable, 1 is the
  // super root.
  const ObjectGraph* graph_;
  std::vector<std::uint32_t> number_;  ///< by node id
  std::vector<NodeId> nodes_;
  std::vector<std::uint32_t> dominators_;
  std::vector<std::uint64_t> retained_bytes_;
  std::vector<std::uint32_t> retained_objects_;
};

/// The tree from above: the nodes that a node immediately dominates. 8 bytes a reachable node, made
/// only where it is needed.
class DominatedNodes {
 public:
  explicit DominatedNodes(const DominatorTree& tree);

  template <typename Visit>
  void for_each(NodeId node, Visit&& visit) const {
    std::uint32_t number = tree_->number_[node.value];
    if (number == 0) return;
    for (std::uint32_t i = first_[number]; i < first_[number + 1]; ++i)
      visit(tree_->nodes_[children_[i]]);
  }
  std::uint32_t count(NodeId node) const {
    std::uint32_t number = tree_->number_[node.value];
    return number == 0 ? 0 : first_[number + 1] - first_[number];
  }

 private:
  const DominatorTree* tree_;
  std::vector<std::uint32_t> first_;
  std::vector<std::uint32_t> children_;
};

}  // namespace seep::graph
