#include "analysis/holder_path.h"

#include "analysis/held_pattern.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using graph::ObjectGraph;
using graph::PathReference;
using graph::RootPaths;
using graph::TypeAssignment;
using snapshot::Snapshot;

std::vector<HolderStep> steps_of(const ObjectGraph& graph, const TypeAssignment& types,
                                 const PathReference& reference) {
  const Snapshot& snapshot = graph.snapshot();
  if (graph.is_root(reference.source))
    return root_reference_steps(snapshot, snapshot.roots[graph.root(reference.source)],
                                snapshot.roots.references[reference.root_reference]);
  return holder_steps(snapshot.types, types.of(graph.object(reference.source)), reference.offset);
}

}  // namespace

std::vector<PathNode> shortest_path(const ObjectGraph& graph, const RootPaths& paths,
                                    const TypeAssignment& types, NodeId node) {
  if (graph.is_root(node)) return {{node, {}}};
  if (!graph.is_object(node)) return {};
  std::vector<PathNode> path;
  for (const PathReference& reference : paths.path_to(graph.object(node))) {
    if (path.empty()) path.push_back({reference.source, {}});
    path.push_back({ObjectGraph::node(reference.target), steps_of(graph, types, reference)});
  }
  return path;
}

std::vector<HolderStep> path_to(const ObjectGraph& graph, const RootPaths& paths,
                                const TypeAssignment& types, NodeId node) {
  std::vector<HolderStep> steps;
  for (const PathNode& part : shortest_path(graph, paths, types, node)) {
    if (graph.is_root(part.node))
      steps.push_back(root_step(graph.snapshot(), types, graph.root(part.node)));
    steps.insert(steps.end(), part.steps.begin(), part.steps.end());
  }
  return steps;
}

}  // namespace seep::analysis
