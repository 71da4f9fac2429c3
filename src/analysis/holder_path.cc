#include "analysis/holder_path.h"

#include <algorithm>
#include <array>

#include "analysis/held_pattern.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using graph::ObjectGraph;
using graph::TypeAssignment;
using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::Snapshot;

// Breadth-first from all roots at once. Roots that say more to people are searched from first.
std::vector<NodeId> nodes_on_shortest_path(const ObjectGraph& graph, NodeId wanted) {
  static constexpr std::array<bool, 2> kGlobalsFirst = {true, false};
  std::vector<std::uint32_t> parent(std::size_t{graph.slot_count()} + 1);
  std::vector<std::uint32_t> queue;
  auto found = [&](NodeId node) { return parent[node.value] != 0; };
  auto offer = [&](NodeId from, NodeId to) {
    if (found(to)) return;
    parent[to.value] = from.value;
    queue.push_back(to.value);
  };
  for (bool globals : kGlobalsFirst)
    for (std::uint32_t i = 1; i <= graph.roots().count(); ++i) {
      if ((graph.roots()[RootId{i}].kind == RootKind::kGlobal) != globals) continue;
      NodeId root = graph.node(RootId{i});
      graph.for_each_successor(root, [&](NodeId to) { offer(root, to); });
    }
  for (std::size_t next = 0; next < queue.size() && !found(wanted); ++next) {
    NodeId from{queue[next]};
    graph.for_each_successor(from, [&](NodeId to) { offer(from, to); });
  }
  std::vector<NodeId> path;
  if (!found(wanted)) return path;
  for (NodeId node = wanted;; node = NodeId{parent[node.value]}) {
    path.push_back(node);
    if (graph.is_root(node)) break;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

std::vector<HolderStep> steps_between(const ObjectGraph& graph, const TypeAssignment& types,
                                      NodeId from, NodeId to) {
  const Snapshot& snapshot = graph.snapshot();
  if (graph.is_root(from)) {
    const GcRoot& root = snapshot.roots[graph.root(from)];
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      const RootReference& reference = snapshot.roots.references[root.first_reference + i];
      if (ObjectGraph::node(reference.target) == to)
        return root_reference_steps(snapshot, root, reference);
    }
    return {};
  }
  std::vector<HolderStep> steps;
  bool done = false;
  ObjectId source = graph.object(from);
  snapshot.heap.for_each_reference(source, [&](const Reference& reference) {
    if (done || ObjectGraph::node(reference.target) != to) return;
    done = true;
    steps = holder_steps(snapshot.types, types.of(source), reference.offset);
  });
  return steps;
}

}  // namespace

std::vector<PathNode> shortest_path(const ObjectGraph& graph, const TypeAssignment& types,
                                    NodeId node) {
  if (graph.is_root(node)) return {{node, {}}};
  if (!graph.is_object(node)) return {};
  std::vector<PathNode> path;
  for (NodeId next : nodes_on_shortest_path(graph, node)) {
    std::vector<HolderStep> steps;
    if (!path.empty()) steps = steps_between(graph, types, path.back().node, next);
    path.push_back({next, std::move(steps)});
  }
  return path;
}

std::vector<HolderStep> path_to(const ObjectGraph& graph, const TypeAssignment& types,
                                NodeId node) {
  std::vector<HolderStep> steps;
  for (const PathNode& part : shortest_path(graph, types, node)) {
    if (graph.is_root(part.node))
      steps.push_back(root_step(graph.snapshot(), graph.root(part.node)));
    steps.insert(steps.end(), part.steps.begin(), part.steps.end());
  }
  return steps;
}

}  // namespace seep::analysis
