#include "graph/root_path.h"

#include <algorithm>

namespace seep::graph {

using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::ReferenceTable;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::RootReference;

namespace {

// See reachability.cc.
constexpr std::size_t kFarAhead = 24;
constexpr std::size_t kNearAhead = 12;

int rank_of(RootKind kind) {
  return kind == RootKind::kGlobal ? 0 : kind == RootKind::kGoroutine ? 1 : 2;
}

}  // namespace

RootPaths::RootPaths(const ObjectGraph& graph, const Bitmap* left_out)
    : graph_(&graph), parents_(std::size_t{graph.slot_count()} + 1) {
  Bitmap seen = graph.heap().allocated;
  for (std::uint64_t& word : seen.words()) word = ~word;
  std::vector<std::uint32_t> queue;
  auto offer = [&](NodeId source, std::uint32_t target) {
    if (!seen.set_if_clear(target)) return;
    parents_[target] = source.value;
    queue.push_back(target);
  };
  for (int rank = 0; rank < 3; ++rank) {
    for (std::uint32_t i = 1; i <= graph.roots().count(); ++i) {
      NodeId root = graph.node(RootId{i});
      if (rank_of(graph.roots()[RootId{i}].kind) != rank) continue;
      if (left_out != nullptr && left_out->test(i)) continue;
      graph.for_each_successor(root, [&](NodeId target) { offer(root, target.value); });
    }
  }
  const ReferenceTable& table = graph.heap().references;
  for (std::size_t next = 0; next < queue.size(); ++next) {
    if (next + kFarAhead < queue.size()) {
      __builtin_prefetch(table.first.data() + queue[next + kFarAhead]);
      __builtin_prefetch(table.targets.data() + table.first[queue[next + kNearAhead]]);
    }
    NodeId source{queue[next]};
    for (std::uint32_t i = table.first[source.value]; i < table.first[source.value + 1]; ++i)
      offer(source, table.targets[i]);
  }
}

std::vector<NodeId> RootPaths::nodes_to(ObjectId object) const {
  std::vector<NodeId> nodes;
  if (parent(object) == kSuperRoot) return nodes;
  NodeId node = ObjectGraph::node(object);
  while (graph_->is_object(node)) {
    nodes.push_back(node);
    node = parent(graph_->object(node));
  }
  nodes.push_back(node);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

RootPath RootPaths::path_to(ObjectId object) const {
  RootPath path;
  std::vector<NodeId> nodes = nodes_to(object);
  for (std::size_t i = 1; i < nodes.size(); ++i)
    path.push_back(reference_between(*graph_, nodes[i - 1], graph_->object(nodes[i])));
  return path;
}

PathReference reference_between(const ObjectGraph& graph, NodeId source, ObjectId target) {
  PathReference result{source, 0, 0, false, target};
  if (graph.is_root(source)) {
    const snapshot::GcRoot& root = graph.roots()[graph.root(source)];
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      const RootReference& reference = graph.roots().references[root.first_reference + i];
      if (reference.target != target) continue;
      result.root_reference = root.first_reference + i;
      result.offset = reference.offset;
      result.interior = reference.interior;
      break;
    }
    return result;
  }
  bool found = false;
  graph.heap().for_each_reference(graph.object(source), [&](const Reference& reference) {
    if (found || reference.target != target) return;
    found = true;
    result.offset = reference.offset;
    result.interior = reference.interior;
  });
  return result;
}

}  // namespace seep::graph
