#include "graph/dominator_tree.h"

#include <algorithm>
#include <utility>

#include "graph/depth_first_order.h"

namespace seep::graph {

namespace {

// Semi-NCA's forest: each number with its nearest ancestor that is not yet compressed away, and the
// least semidominator on the way there. One struct, so that a step of a path is one cache line.
struct Link {
  std::uint32_t ancestor = 0;
  std::uint32_t least = 0;
};

// The least semidominator among `node` and its ancestors above `limit`; shortens the path.
std::uint32_t evaluate(std::vector<Link>& links, std::uint32_t node, std::uint32_t limit,
                       std::vector<std::uint32_t>& path) {
  while (links[node].ancestor > limit) {
    path.push_back(node);
    node = links[node].ancestor;
  }
  while (!path.empty()) {
    Link& link = links[path.back()];
    link.least = std::min(link.least, links[node].least);
    link.ancestor = links[node].ancestor;
    node = path.back();
    path.pop_back();
  }
  return links[node].least;
}

// Turns `tops` of the order into semidominators.
void find_semidominators(DepthFirstOrder& order) {
  std::size_t count = order.nodes.size();
  std::vector<Link> links(count);
  for (std::size_t i = 1; i < count; ++i)
    links[i] = {order.parents[i], static_cast<std::uint32_t>(i)};
  std::vector<std::uint32_t> path;
  for (std::uint32_t node = static_cast<std::uint32_t>(count) - 1; node > 1; --node) {
    std::uint32_t semi = order.tops[node];
    for (std::uint32_t i = order.first[node]; i < order.first[node + 1]; ++i)
      semi = std::min(semi, evaluate(links, order.sources[i], node, path));
    order.tops[node] = semi;
    links[node].least = semi;
  }
}

// The dominator is the nearest ancestor on the parent's dominator path that is not below the
// semidominator.
std::vector<std::uint32_t> find_dominators(DepthFirstOrder& order) {
  std::vector<std::uint32_t> dominators = std::move(order.parents);
  for (std::size_t node = 2; node < dominators.size(); ++node) {
    std::uint32_t at = dominators[node];
    while (at > order.tops[node]) at = dominators[at];
    dominators[node] = at;
  }
  return dominators;
}

}  // namespace

DominatorTree::DominatorTree(const ObjectGraph& graph) : graph_(&graph) {
  DepthFirstOrder order = walk_depth_first(graph);
  find_semidominators(order);
  order.first = {};
  order.sources = {};
  dominators_ = find_dominators(order);
  number_ = std::move(order.number);
  nodes_ = std::move(order.nodes);
  dominators_[0] = dominators_[1] = 1;

  retained_bytes_.resize(nodes_.size());
  retained_objects_.resize(nodes_.size());
  for (const snapshot::Span& span : graph.heap().spans) {
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t number = number_[span.first.value + slot];
      if (number == 0) continue;
      retained_bytes_[number] = span.slot_bytes;
      retained_objects_[number] = 1;
    }
  }
  for (std::size_t i = nodes_.size() - 1; i > 1; --i) {
    retained_bytes_[dominators_[i]] += retained_bytes_[i];
    retained_objects_[dominators_[i]] += retained_objects_[i];
  }
}

DominatedNodes::DominatedNodes(const DominatorTree& tree)
    : tree_(&tree), first_(tree.nodes_.size() + 2), children_(tree.nodes_.size()) {
  const std::vector<std::uint32_t>& dominators = tree.dominators_;
  for (std::size_t i = 2; i < dominators.size(); ++i) ++first_[dominators[i] + 2];
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  for (std::size_t i = 2; i < dominators.size(); ++i)
    children_[first_[dominators[i] + 1]++] = static_cast<std::uint32_t>(i);
}

}  // namespace seep::graph
