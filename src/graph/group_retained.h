// What groups of objects retain, a group being the objects of a type, say.
//
// The sum over those members that no other member dominates: adding up the retained sizes of all
// members would count a list once for each of its nodes. Still a lower bound of what would come
// back if the whole group went: what two members share, neither retains.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/dominator_tree.h"

namespace seep::graph {

/// By group. `group_of(ObjectId)` tells the group of a reachable object, below `groups`. One pass
/// over the tree: in preorder a member lies below another of its group exactly as long as the
/// other's subtree lasts.
template <typename GroupOf>
std::vector<Extent> retained_by_group(const DominatorTree& tree, std::size_t groups,
                                      GroupOf&& group_of) {
  std::vector<Extent> retained(groups);
  std::vector<std::uint32_t> counted_up_to(groups);
  std::uint32_t position = 0;
  tree.for_each_reachable([&](NodeId node) {
    ++position;
    if (!tree.graph().is_object(node)) return;
    std::size_t group = group_of(tree.graph().object(node));
    if (position < counted_up_to[group]) return;
    counted_up_to[group] = tree.end_position(node);
    Extent of_node = tree.retained(node);
    retained[group].objects += of_node.objects;
    retained[group].bytes += of_node.bytes;
  });
  return retained;
}

}  // namespace seep::graph
