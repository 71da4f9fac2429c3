#include "analysis/growth_detail.h"

#include <algorithm>
#include <unordered_map>

#include "analysis/held_pattern.h"
#include "graph/reference_path.h"

namespace seep::analysis {

using graph::NodeId;

namespace {

constexpr std::size_t kExamples = 8;
constexpr std::size_t kLongestWay = 256;

// From standing nodes to the growing holder that what lies below them is counted for.
std::vector<std::uint8_t> holders_by_node(const Growth& growth, const Evidence& now,
                                          const std::vector<const GrowingHolder*>& holders) {
  std::unordered_map<std::uint32_t, std::uint8_t> by_class;
  for (std::size_t i = 0; i < holders.size() && i < 255; ++i)
    by_class.emplace(holders[i]->holder_class, static_cast<std::uint8_t>(i + 1));
  std::vector<std::uint8_t> by_node(std::size_t{now.graph.node_count()} + 1);
  for (const graph::Region& region : growth.heap.regions()) {
    auto found = by_class.find(growth.class_of_container(region.holder, now));
    if (found != by_class.end()) by_node[region.holder.value] = found->second;
  }
  return by_node;
}

void add_steps(std::vector<HolderStep>& to, const std::vector<HolderStep>& steps) {
  // A list repeats what its node is reached by; so does a list of nodes with two steps each.
  for (std::size_t length = 1; length <= 3 && length == steps.size(); ++length)
    if (to.size() >= length && std::equal(steps.begin(), steps.end(), to.end() - steps.size()))
      return;
  to.insert(to.end(), steps.begin(), steps.end());
}

std::string type_name(const Evidence& now, NodeId node) {
  if (now.graph.is_root(node))
    return now.snapshot.types[now.snapshot.roots[now.graph.root(node)].type].name;
  return graph::object_type_name(now.snapshot.types, now.types, now.graph.object(node));
}

std::size_t length_of(const graph::RootPaths& paths, const Evidence& now, NodeId node) {
  std::size_t length = 0;
  while (now.graph.is_object(node) && length < kLongestWay) {
    node = paths.parent(now.graph.object(node));
    ++length;
  }
  return length;
}

}  // namespace

std::vector<std::vector<NewObjects>> new_objects_of(
    const Growth& growth, const Evidence& now, const std::vector<const GrowingHolder*>& holders) {
  std::vector<std::uint8_t> by_node = holders_by_node(growth, now, holders);
  std::vector<std::vector<NewObjects>> found(holders.size());
  std::unordered_map<std::uint64_t, std::size_t> index;
  for (const snapshot::Span& span : now.snapshot.heap.spans)
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      NodeId node{span.first.value + slot};
      if (!now.dominators.is_reachable(node) || growth.heap.stands(node)) continue;
      std::uint32_t position = now.dominators.position(node);
      std::uint32_t above = growth.heap.holder_at(position);
      if (above == graph::HeapGrowth::kPassing || by_node[above] == 0) continue;
      std::size_t holder = by_node[above] - 1u;
      std::uint32_t object_class = growth.classes.class_at(position);
      auto [entry, added] = index.emplace((static_cast<std::uint64_t>(holder) << 32) | object_class,
                                          found[holder].size());
      if (added)
        found[holder].push_back({.object_class = object_class, .extent = {}, .examples = {}});
      NewObjects& objects = found[holder][entry->second];
      ++objects.extent.objects;
      objects.extent.bytes += ByteSize(span.slot_bytes);
      if (objects.examples.size() < kExamples) objects.examples.push_back(node);
    }
  for (std::vector<NewObjects>& classes : found)
    std::sort(classes.begin(), classes.end(), [](const NewObjects& a, const NewObjects& b) {
      if (a.extent.bytes != b.extent.bytes) return b.extent.bytes < a.extent.bytes;
      return a.object_class < b.object_class;
    });
  return found;
}

WayToNew way_to(const NewObjects& objects, const GrowingHolder& holder, const Growth& growth,
                const Evidence& now, const graph::RootPaths& paths) {
  NodeId nearest;
  std::size_t shortest = kLongestWay;
  for (NodeId example : objects.examples) {
    std::size_t length = length_of(paths, now, example);
    if (length >= shortest) continue;
    shortest = length;
    nearest = example;
  }
  WayToNew way;
  if (nearest.is_none()) return way;
  std::vector<PathNode> nodes = shortest_path(now.graph, paths, now.types, nearest);
  std::size_t at = 0;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    bool named = std::ranges::find(holder.holders, nodes[i].node) != holder.holders.end();
    if (holder.several_roots() ? growth.heap.stands(nodes[i].node) : named) at = i;
  }
  way.container = nodes[at].node;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (now.graph.is_root(nodes[i].node))
      way.steps.push_back(root_step(now.snapshot, now.types, now.graph.root(nodes[i].node)));
    add_steps(way.steps, nodes[i].steps);
    if (i == at) way.holder = way.steps;
    if (i < at) continue;
    if (i > at)
      for (const HolderStep& step : nodes[i].steps) way.types.push_back(step.type);
    way.types.push_back(type_name(now, nodes[i].node));
  }
  return way;
}

}  // namespace seep::analysis
