#include "graph/dominator_tree.h"

#include <algorithm>
#include <utility>

#include "graph/depth_first_order.h"

namespace seep::graph {

namespace {

// How many edges ahead the forest is fetched: first the links of their sources, then those of the
// ancestors that these name.
constexpr std::uint32_t kFarAhead = 24;
constexpr std::uint32_t kNearAhead = 12;

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
  const std::vector<std::uint32_t>& sources = order.sources;
  std::vector<std::uint32_t> path;
  for (std::uint32_t node = static_cast<std::uint32_t>(count) - 1; node > 1; --node) {
    std::uint32_t semi = order.tops[node];
    for (std::uint32_t i = order.first[node]; i < order.first[node + 1]; ++i) {
      if (i >= kFarAhead) {
        __builtin_prefetch(&links[sources[i - kFarAhead]]);
        __builtin_prefetch(&links[links[sources[i - kNearAhead]].ancestor]);
      }
      semi = std::min(semi, evaluate(links, sources[i], node, path));
    }
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
  std::vector<std::uint32_t> dominators = find_dominators(order);
  order.tops = {};
  arrange(std::move(dominators), std::move(order.nodes));

  // Sizes by span, so that no object has to be looked up; then sums.
  bytes_before_.assign(nodes_.size() + 1, 0);
  for (const snapshot::Span& span : graph.heap().spans) {
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t number = number_[span.first.value + slot];
      if (number != 0) bytes_before_[number + 1] = span.slot_bytes;
    }
  }
  for (std::size_t i = 1; i < bytes_before_.size(); ++i) bytes_before_[i] += bytes_before_[i - 1];
}

// From depth-first numbers to the preorder of the dominator tree. A dominator has a lower number
// than what it dominates in both, so each array can hold something else below the number that is
// being worked on: `dominators` the new number, `sizes` where the next subtree below begins.
void DominatorTree::arrange(std::vector<std::uint32_t> dominators, std::vector<NodeId> nodes) {
  std::size_t count = nodes.size();
  std::vector<std::uint32_t> sizes(count, 1);
  for (std::size_t i = count - 1; i > 1; --i) sizes[dominators[i]] += sizes[i];

  nodes_.assign(count, kSuperRoot);
  ends_.assign(count, 0);
  dominators_.assign(count, 1);
  number_.assign(std::size_t{graph_->node_count()} + 1, 0);
  number_[0] = 1;
  ends_[1] = static_cast<std::uint32_t>(count);
  std::vector<std::uint32_t>& places = dominators;
  std::vector<std::uint32_t>& next = sizes;
  places[1] = 1;
  next[1] = 2;
  for (std::size_t i = 2; i < count; ++i) {
    std::uint32_t dominator = dominators[i];
    std::uint32_t place = next[dominator];
    ends_[place] = place + sizes[i];
    next[dominator] += sizes[i];
    nodes_[place] = nodes[i];
    dominators_[place] = places[dominator];
    number_[nodes[i].value] = place;
    places[i] = place;
    next[i] = place + 1;
  }
}

}  // namespace seep::graph
