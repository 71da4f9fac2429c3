#include "analysis/exclusive_bytes.h"

namespace seep::analysis {

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

}  // namespace seep::analysis
