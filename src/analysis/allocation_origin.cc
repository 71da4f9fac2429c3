#include "analysis/allocation_origin.h"

#include <cmath>
#include <map>

#include "analysis/goroutine_groups.h"

namespace seep::analysis {
namespace {

using graph::DominatorTree;
using graph::NodeId;
using graph::ObjectGraph;
using snapshot::AllocationSample;
using snapshot::AllocationSite;
using snapshot::Snapshot;
using snapshot::StackFrame;
using snapshot::StackId;

constexpr std::size_t kFrames = 6;

// By node id: 1 + index of the holder that dominates it, or 0.
std::vector<std::uint16_t> holder_of_nodes(const DominatorTree& dominators,
                                           const std::vector<NodeId>& holders) {
  std::vector<std::uint16_t> holder(std::size_t{dominators.graph().node_count()} + 1);
  for (std::size_t i = 0; i < holders.size(); ++i)
    holder[holders[i].value] = static_cast<std::uint16_t>(i + 1);
  dominators.for_each_reachable([&](NodeId node) {
    if (node != graph::kSuperRoot && holder[node.value] == 0)
      holder[node.value] = holder[dominators.dominator(node).value];
  });
  return holder;
}

std::vector<OriginFrame> frames_of(const Snapshot& snapshot, StackId stack) {
  std::vector<OriginFrame> origin;
  const std::vector<StackFrame>& frames = snapshot.stacks[stack];
  for (std::size_t i = place_of(snapshot, stack); i < frames.size() && origin.size() < kFrames; ++i)
    origin.push_back({OriginRole::kAllocated, snapshot.strings.text(frames[i].function),
                      snapshot.strings.text(frames[i].file), frames[i].line});
  return origin;
}

}  // namespace

double sample_weight(std::uint64_t bytes, std::uint64_t sample_rate) {
  double size = static_cast<double>(bytes);
  if (sample_rate <= 1 || bytes == 0) return size;
  return size / (1 - std::exp(-size / static_cast<double>(sample_rate)));
}

std::vector<AllocationOrigin> allocation_origins(const DominatorTree& dominators,
                                                 const std::vector<NodeId>& holders) {
  std::vector<AllocationOrigin> origins(holders.size());
  const Snapshot& snapshot = dominators.graph().snapshot();
  if (holders.empty() || snapshot.heap.samples.empty() || holders.size() > 0xfffe) return origins;
  std::vector<std::uint16_t> holder = holder_of_nodes(dominators, holders);
  std::vector<std::map<StackId, double>> bytes_by_stack(holders.size());
  for (const AllocationSample& sample : snapshot.heap.samples) {
    if (!snapshot.heap.is_object(sample.object) || sample.site >= snapshot.allocation_sites.size())
      continue;
    std::uint16_t owner = holder[ObjectGraph::node(sample.object).value];
    if (owner == 0) continue;
    const AllocationSite& site = snapshot.allocation_sites[sample.site];
    ++origins[owner - 1u].samples;
    bytes_by_stack[owner - 1u][site.stack] +=
        sample_weight(snapshot.heap.size_of(sample.object), snapshot.allocation_sample_rate);
  }
  for (std::size_t i = 0; i < holders.size(); ++i) {
    double all = 0, most = 0;
    StackId stack;
    for (const auto& [candidate, bytes] : bytes_by_stack[i]) {
      all += bytes;
      if (bytes > most) {
        most = bytes;
        stack = candidate;
      }
    }
    if (all <= 0) continue;
    origins[i].share = most / all;
    origins[i].frames = frames_of(snapshot, stack);
  }
  return origins;
}

}  // namespace seep::analysis
