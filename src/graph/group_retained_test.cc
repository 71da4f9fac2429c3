#include "graph/group_retained.h"

#include <gtest/gtest.h>

#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::graph {
namespace {

using snapshot::ObjectId;
using snapshot::Snapshot;

TEST(GroupRetained, a_list_counts_once) {
  test::Drawing drawing = test::draw(R"(
    root global main.list -> a:main.node[16]
    a.next -> b:main.node[16]
    b.next -> c:main.node[16]
    a.data -> x:[]byte[100]
    c.data -> y:[]byte[200]
    object garbage:main.node[16]
  )");
  ObjectGraph graph(drawing.snapshot);
  DominatorTree tree(graph);
  std::vector<Extent> retained =
      retained_by_group(tree, drawing.snapshot.types.size(),
                        [&](ObjectId id) { return drawing.types[id.value].value; });
  EXPECT_EQ(retained[drawing.type("main.node").value], (Extent{5, ByteSize(348)}));
  EXPECT_EQ(retained[drawing.type("byte").value], (Extent{2, ByteSize(300)}));
}

TEST(GroupRetained, equals_the_sum_over_topmost_members_on_random_graphs) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Snapshot snapshot = test::random_graph(seed, test::random_shape(seed, 60));
    ObjectGraph graph(snapshot);
    DominatorTree tree(graph);
    constexpr std::size_t kGroups = 4;
    auto group_of = [](ObjectId id) { return id.value * 2654435761u % kGroups; };
    std::vector<Extent> expected(kGroups);
    for (std::uint32_t i = 1; i <= graph.slot_count(); ++i) {
      NodeId node{i};
      if (!tree.is_reachable(node)) continue;
      bool topmost = true;
      for (NodeId up = tree.dominator(node); graph.is_object(up); up = tree.dominator(up))
        topmost = topmost && group_of(graph.object(up)) != group_of(ObjectId{i});
      if (!topmost) continue;
      expected[group_of(ObjectId{i})].objects += tree.retained(node).objects;
      expected[group_of(ObjectId{i})].bytes += tree.retained(node).bytes;
    }
    ASSERT_EQ(retained_by_group(tree, kGroups, group_of), expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace seep::graph
