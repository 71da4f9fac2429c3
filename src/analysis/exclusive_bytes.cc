#include "analysis/exclusive_bytes.h"

#include <algorithm>

namespace seep::analysis {

using graph::DominatorTree;
using graph::Extent;
using graph::NodeId;
using graph::ObjectGraph;
using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::Roots;

RootGroups::RootGroups(const ObjectGraph& graph, const std::vector<std::uint32_t>& group_of_root,
                       std::uint32_t count)
    : graph_(&graph),
      kept_(graph),
      labels_(std::size_t{graph.slot_count()} + 1),
      exclusive_(std::size_t{count} + 1) {
  const Roots& roots = graph.roots();
  auto group_of = [&](std::uint32_t root) {
    std::uint32_t group = root < group_of_root.size() ? group_of_root[root] : kOthers;
    return group <= count ? group : kOthers;
  };
  for (std::uint32_t i = 1; i <= roots.count(); ++i)
    if (group_of(i) == kOthers) kept_.add(RootId{i});
  kept_.search();
  for (std::uint32_t i = 1; i <= roots.count(); ++i) {
    std::uint32_t group = group_of(i);
    if (group == kOthers) continue;
    const GcRoot& root = roots[RootId{i}];
    for (std::uint32_t r = 0; r < root.reference_count; ++r)
      offer(roots.references[root.first_reference + r].target, group);
    flood();
  }
  sum();
}

RootGroups::RootGroups(const ObjectGraph& graph, graph::Reachability kept,
                       const std::vector<GroupedObject>& starts, std::uint32_t count)
    : graph_(&graph),
      kept_(std::move(kept)),
      labels_(std::size_t{graph.slot_count()} + 1),
      exclusive_(std::size_t{count} + 1) {
  for (const GroupedObject& start : starts) {
    if (start.group == kOthers || start.group > count) continue;
    offer(start.object, start.group);
    flood();
  }
  sum();
}

void RootGroups::offer(ObjectId id, std::uint32_t label) {
  if (!graph_->heap().is_object(id) || kept_.reached(id)) return;
  std::uint32_t& have = labels_[id.value];
  if (have == label || have == kShared) return;
  have = have == 0 ? label : kShared;
  worklist_.push_back(id.value);
}

void RootGroups::flood() {
  while (!worklist_.empty()) {
    NodeId node{worklist_.back()};
    worklist_.pop_back();
    std::uint32_t label = labels_[node.value];
    graph_->for_each_successor(node,
                               [&](NodeId successor) { offer(ObjectId{successor.value}, label); });
  }
}

void RootGroups::sum() {
  for (const snapshot::Span& span : graph_->heap().spans) {
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t label = labels_[span.first.value + slot];
      if (label == 0) continue;
      graph::Extent& group = exclusive_[label == kShared ? 0 : label];
      group.bytes += ByteSize(span.slot_bytes);
      ++group.objects;
    }
  }
}

namespace {

// Labels of the children of the super root ("tops"), spread along the references between their
// subtrees. Tops are numbered in preorder.
class TopLabels {
 public:
  TopLabels(const DominatorTree& tree, const std::vector<std::uint32_t>& group_of_root,
            std::uint32_t count)
      : tree_(tree), graph_(tree.graph()), is_top_(std::size_t{graph_.slot_count()} + 1) {
    bool any_is_object = false;
    tree.for_each_dominated(graph::kSuperRoot, [&](NodeId top) {
      tops_.push_back(top);
      positions_.push_back(tree.position(top));
      if (!graph_.is_object(top)) return;
      is_top_.set(top.value);
      any_is_object = true;
    });
    if (any_is_object) find_edges();
    labels_.resize(tops_.size());
    for (std::uint32_t i = 0; i < tops_.size(); ++i) {
      if (!graph_.is_root(tops_[i])) continue;
      std::uint32_t root = graph_.root(tops_[i]).value;
      std::uint32_t group = root < group_of_root.size() ? group_of_root[root] : 0;
      offer(i, group == 0 || group > count ? kKept : group);
    }
    spread();
  }

  std::vector<Extent> sums(std::uint32_t count) const {
    std::vector<Extent> sums(std::size_t{count} + 1);
    for (std::size_t i = 0; i < tops_.size(); ++i) {
      if (labels_[i] == kNone || labels_[i] == kKept) continue;
      Extent& sum = sums[labels_[i] == kShared ? 0 : labels_[i]];
      Extent retained = tree_.retained(tops_[i]);
      sum.objects += retained.objects;
      sum.bytes += retained.bytes;
    }
    return sums;
  }

 private:
  // A label changes in this order only: none, a group, shared, kept.
  static constexpr std::uint32_t kNone = 0;
  static constexpr std::uint32_t kShared = 0xfffffffe;
  static constexpr std::uint32_t kKept = 0xffffffff;
  static constexpr std::size_t kFewEdges = std::size_t{1} << 20;

  struct Edge {
    std::uint32_t from, to;
    auto operator<=>(const Edge&) const = default;
  };

  // In the order of addresses: a walk down the subtrees would jump through all tables.
  void find_edges() {
    std::size_t next_thinning = kFewEdges;
    auto visit_node = [&](NodeId node) {
      if (!tree_.is_reachable(node)) return;
      graph_.for_each_successor(node, [&](NodeId target) {
        if (!is_top_.test(target.value)) return;
        Edge edge{top_above(tree_.position(node)), top_above(tree_.position(target))};
        if (edge.from != edge.to && (edges_.empty() || edges_.back() != edge))
          edges_.push_back(edge);
      });
      if (edges_.size() < next_thinning) return;
      thin();
      next_thinning = std::max(kFewEdges, 2 * edges_.size());
    };
    for (std::uint32_t i = 1; i <= graph_.node_count(); ++i) visit_node(NodeId{i});
    thin();
  }

  void thin() {
    std::sort(edges_.begin(), edges_.end());
    edges_.erase(std::unique(edges_.begin(), edges_.end()), edges_.end());
  }

  /// The top whose subtree has that position.
  std::uint32_t top_above(std::uint32_t position) const {
    auto above = std::upper_bound(positions_.begin(), positions_.end(), position);
    return static_cast<std::uint32_t>(above - positions_.begin() - 1);
  }

  void offer(std::uint32_t top, std::uint32_t label) {
    std::uint32_t& have = labels_[top];
    if (have == label || have >= std::max(label, kShared)) return;
    have = have == kNone || label == kKept ? label : kShared;
    worklist_.push_back(top);
  }

  void spread() {
    while (!worklist_.empty()) {
      std::uint32_t top = worklist_.back();
      worklist_.pop_back();
      std::uint32_t label = labels_[top];
      for (auto edge = std::lower_bound(edges_.begin(), edges_.end(), Edge{top, 0});
           edge != edges_.end() && edge->from == top; ++edge)
        offer(edge->to, label);
    }
  }

  const DominatorTree& tree_;
  const ObjectGraph& graph_;
  Bitmap is_top_;  ///< by object id
  std::vector<NodeId> tops_;
  std::vector<std::uint32_t> positions_;  ///< by top
  std::vector<std::uint32_t> labels_;     ///< by top
  std::vector<Edge> edges_;               ///< rising
  std::vector<std::uint32_t> worklist_;
};

}  // namespace

std::vector<Extent> exclusive_by_group(const DominatorTree& tree,
                                       const std::vector<std::uint32_t>& group_of_root,
                                       std::uint32_t count) {
  return TopLabels(tree, group_of_root, count).sums(count);
}

}  // namespace seep::analysis
