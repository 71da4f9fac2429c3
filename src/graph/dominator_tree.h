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
// The tree lies in its own preorder, so that a subtree is a range: what it retains is a difference
// of two sums, and its children are found without lists. Memory: 20 bytes a reachable node and 4 a
// slot to keep. While building: 8 a slot, 16 a reachable node, and 4 a reference plus 4 for each
// that is not an edge of the depth-first tree.
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
    if (number == 0) return {};
    std::uint32_t end = ends_[number];
    std::uint64_t roots = node == kSuperRoot      ? graph_->roots().count() + 1
                          : graph_->is_root(node) ? 1
                                                  : 0;
    return {end - number - roots, ByteSize(bytes_before_[end] - bytes_before_[number])};
  }

  /// The nodes that `node` immediately dominates.
  template <typename Visit>
  void for_each_dominated(NodeId node, Visit&& visit) const {
    std::uint32_t number = number_[node.value];
    if (number == 0) return;
    for (std::uint32_t i = number + 1; i < ends_[number]; i = ends_[i]) visit(nodes_[i]);
  }

  /// All reachable nodes in preorder of the tree; the super root is first.
  template <typename Visit>
  void for_each_reachable(Visit&& visit) const {
    for (std::size_t i = 1; i < nodes_.size(); ++i) visit(nodes_[i]);
  }

  /// Positions in that order: the subtree of `node` is [position, end_position). Both are 0 for
  /// what is unreachable.
  std::uint32_t position(NodeId node) const { return number_[node.value]; }
  std::uint32_t end_position(NodeId node) const { return ends_[number_[node.value]]; }
  /// The node at a position that is not 0.
  NodeId node_at(std::uint32_t position) const { return nodes_[position]; }

 private:
  void arrange(std::vector<std::uint32_t> dominators, std::vector<NodeId> nodes);

  // By number: position in the preorder of the tree. 0 stands for what is unreachable, 1 is the
  // super root.
  const ObjectGraph* graph_;
  std::vector<std::uint32_t> number_;  ///< by node id
  std::vector<NodeId> nodes_;
  std::vector<std::uint32_t> dominators_;
  std::vector<std::uint32_t> ends_;          ///< past the subtree
  std::vector<std::uint64_t> bytes_before_;  ///< sum over lower numbers; one entry more
};

/// The tree from above, as a value of its own.
class DominatedNodes {
 public:
  explicit DominatedNodes(const DominatorTree& tree) : tree_(&tree) {}

  template <typename Visit>
  void for_each(NodeId node, Visit&& visit) const {
    tree_->for_each_dominated(node, visit);
  }
  /// Linear in the answer.
  std::uint32_t count(NodeId node) const {
    std::uint32_t total = 0;
    tree_->for_each_dominated(node, [&total](NodeId) { ++total; });
    return total;
  }

 private:
  const DominatorTree* tree_;
};

}  // namespace seep::graph
