// A container is looked for on the way up the dominator tree. Where the types on that way are not
// known, the objects that one root keeps are taken together, and the node that all of them lie
// below stands for the container.
#include "analysis/contained_objects.h"

#include <algorithm>
#include <map>

#include "base/bitmap.h"

namespace seep::analysis {

using graph::DominatorTree;
using graph::NodeId;
using snapshot::ObjectId;

namespace {

constexpr std::size_t kLevels = 64;  // that are climbed: maps, slices, lists between

// The node and what dominates it, upwards, without the super root.
std::vector<NodeId> way_up(const DominatorTree& dominators, NodeId node) {
  std::vector<NodeId> way;
  while (node != graph::kSuperRoot && way.size() < kLevels) {
    way.push_back(node);
    node = dominators.dominator(node);
  }
  return way;
}

// Ways that end in the same node; what they have in common from there downwards.
struct Family {
  std::vector<NodeId> common;  ///< from the top downwards
  std::uint64_t objects = 0;

  void add(const std::vector<NodeId>& way) {
    std::vector<NodeId> down(way.rbegin(), way.rend());
    down.pop_back();  // the object itself
    if (objects++ == 0) {
      common = std::move(down);
      return;
    }
    auto differ = std::mismatch(common.begin(), common.end(), down.begin(), down.end());
    common.erase(differ.first, common.end());
  }
};

}  // namespace

std::vector<ContainedObjects> objects_by_container(const DominatorTree& dominators,
                                                   const std::vector<ObjectId>& objects,
                                                   const std::vector<ObjectId>& containers) {
  Bitmap is_container(std::size_t{dominators.graph().slot_count()} + 1);
  for (ObjectId container : containers) is_container.set(container.value);
  std::map<std::uint32_t, std::uint64_t> counts;
  std::map<std::uint32_t, Family> families;
  for (ObjectId object : objects) {
    std::vector<NodeId> way = way_up(dominators, graph::ObjectGraph::node(object));
    auto container = std::find_if(way.begin() + 1, way.end(), [&](NodeId node) {
      return dominators.graph().is_object(node) && is_container.test(node.value);
    });
    if (container != way.end())
      ++counts[container->value];
    else
      families[way.back().value].add(way);
  }
  for (const auto& [top, family] : families)
    if (!family.common.empty()) counts[family.common.back().value] += family.objects;
  std::vector<ContainedObjects> result;
  for (const auto& [container, count] : counts) result.push_back({NodeId{container}, count});
  return result;
}

}  // namespace seep::analysis
