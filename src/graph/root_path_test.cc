#include "graph/root_path.h"

#include <gtest/gtest.h>

#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::graph {
namespace {

using snapshot::ObjectId;
using snapshot::Snapshot;

TEST(RootPaths, a_path_names_each_word_from_the_root_down) {
  test::Drawing drawing = test::draw(R"(
    root global main.cache -> m:main.other[16], a:main.table[64]
    a@24 -> b:main.row[32]
    b@8 -> c:[]byte[100]+4
    object garbage:[]byte[8]
  )");
  ObjectGraph graph(drawing.snapshot);
  RootPaths paths(graph);
  RootPath path = paths.path_to(drawing.object("c"));
  ASSERT_EQ(path.size(), 3u);
  EXPECT_EQ(graph.root(path[0].source), drawing.root("main.cache"));
  EXPECT_EQ(path[0].root_reference, 1u);
  EXPECT_EQ(path[0].target, drawing.object("a"));
  EXPECT_EQ(path[1],
            (PathReference{NodeId{drawing.object("a").value}, 24, 0, false, drawing.object("b")}));
  EXPECT_TRUE(path[2].interior);
  EXPECT_EQ(path[2].target, drawing.object("c"));
  EXPECT_TRUE(paths.path_to(drawing.object("garbage")).empty());
}

TEST(RootPaths, among_equally_long_ways_variables_come_before_goroutines_before_specials) {
  test::Drawing drawing = test::draw(R"(
    root finalizer of f:main.t[8] -> a:main.t[8], b:main.t[8], c:main.t[8]
    goroutine 1 running -> a, b
    root global main.v -> a
  )");
  ObjectGraph graph(drawing.snapshot);
  RootPaths paths(graph);
  EXPECT_EQ(graph.root(paths.parent(drawing.object("a"))), drawing.root("main.v"));
  EXPECT_EQ(graph.root(paths.parent(drawing.object("b"))), drawing.root("goroutine 1"));
  EXPECT_EQ(graph.root(paths.parent(drawing.object("c"))), drawing.root("finalizer of f"));
}

// By rounds: what is one reference further away each time.
std::vector<std::uint32_t> slow_distances(const ObjectGraph& graph) {
  std::vector<std::uint32_t> distance(graph.node_count() + 1, 0xffffffff);
  distance[0] = 0;
  for (bool changed = true; changed;) {
    changed = false;
    for (std::uint32_t i = 0; i <= graph.node_count(); ++i) {
      if (distance[i] == 0xffffffff) continue;
      graph.for_each_successor(NodeId{i}, [&](NodeId to) {
        if (distance[to.value] <= distance[i] + 1) return;
        distance[to.value] = distance[i] + 1;
        changed = true;
      });
    }
  }
  return distance;
}

TEST(RootPaths, paths_are_shortest_and_made_of_references_on_random_graphs) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Snapshot snapshot = test::random_graph(seed, test::random_shape(seed, 60));
    ObjectGraph graph(snapshot);
    RootPaths paths(graph);
    std::vector<std::uint32_t> distance = slow_distances(graph);
    for (std::uint32_t i = 1; i <= graph.slot_count(); ++i) {
      std::vector<NodeId> nodes = paths.nodes_to(ObjectId{i});
      if (distance[i] == 0xffffffff) {
        ASSERT_TRUE(nodes.empty()) << "seed " << seed << " object " << i;
        continue;
      }
      ASSERT_EQ(nodes.size(), distance[i]) << "seed " << seed << " object " << i;
      for (std::size_t k = 1; k < nodes.size(); ++k) {
        bool refers = false;
        graph.for_each_successor(nodes[k - 1], [&](NodeId to) { refers |= to == nodes[k]; });
        ASSERT_TRUE(refers) << "seed " << seed << " object " << i;
      }
    }
  }
}

}  // namespace
}  // namespace seep::graph
