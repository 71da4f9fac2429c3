// The depth-first walk that dominators are computed from.
//
// Numbers are positions in preorder: the super root is 1, 0 stands for what is unreachable. An edge
// from a to b of a depth-first walk goes down its tree (a < b: a is an ancestor of b) or back or
// across it (a > b). What dominators need of the first sort is only the least a for each b; of the
// second sort all edges, in the order of b.
//
// A depth-first walk cannot know early where it goes next, so each look at a node waits for memory:
// 0.2 us, three times over if "was it here", "where are its references" and "what are they" lie in
// three tables. Therefore the graph is first copied into one array in which a node is the place of
// its number, followed by its references: the look that tells whether a node was visited has
// fetched them too. Copying costs a twentieth of what it saves.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/object_graph.h"

namespace seep::graph {

struct DepthFirstOrder {
  std::vector<NodeId> nodes;           ///< by number; entries 0 and 1 are the super root
  std::vector<std::uint32_t> parents;  ///< by number: in the tree
  std::vector<std::uint32_t> tops;     ///< by number: the least number with an edge down to it

  /// Sources of the edges back and across, by the number of their target: those of b are
  /// [first[b], first[b + 1]).
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> sources;
};

DepthFirstOrder walk_depth_first(const ObjectGraph& graph);

}  // namespace seep::graph
