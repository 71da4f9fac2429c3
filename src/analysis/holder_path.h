// How an object is reached, in the words of Go.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.h"
#include "graph/object_graph.h"
#include "graph/root_path.h"
#include "graph/type_inference.h"

namespace seep::analysis {

/// A node on the way from a root, with the steps that lead to it from the node before: none for the
/// root itself and through the runtime's own plumbing.
struct PathNode {
  graph::NodeId node;
  std::vector<HolderStep> steps;
};

/// A shortest way from a root to `node`. Empty for what nothing reaches.
std::vector<PathNode> shortest_path(const graph::ObjectGraph& graph, const graph::RootPaths& paths,
                                    const graph::TypeAssignment& types, graph::NodeId node);

/// The steps of a shortest path, with the root as the first.
std::vector<HolderStep> path_to(const graph::ObjectGraph& graph, const graph::RootPaths& paths,
                                const graph::TypeAssignment& types, graph::NodeId node);

/// Whether a package variable has no name, but that of its place: ".bss+0x1a40".
bool is_place_in_section(std::string_view variable);

/// "main.registry *main.Registry → .byID map[int64]*main.Session → value": names and types, with
/// the types of elements, keys and values left out where the container's type says them. The type
/// of a variable without a name is in parentheses: it was told from what the variable points to.
std::string to_text(const std::vector<HolderStep>& holder);

}  // namespace seep::analysis
