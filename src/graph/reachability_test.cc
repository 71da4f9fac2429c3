#include "graph/reachability.h"

#include <gtest/gtest.h>

#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::graph {
namespace {

using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::Snapshot;

std::vector<bool> slow_reachable(const ObjectGraph& graph, std::uint32_t first_root) {
  std::vector<bool> reached(graph.node_count() + 1);
  std::vector<NodeId> queue;
  auto visit = [&](NodeId node) {
    if (reached[node.value]) return;
    reached[node.value] = true;
    queue.push_back(node);
  };
  for (std::uint32_t i = first_root; i <= graph.roots().count(); ++i)
    graph.for_each_successor(graph.node(RootId{i}), visit);
  while (!queue.empty()) {
    NodeId node = queue.back();
    queue.pop_back();
    graph.for_each_successor(node, visit);
  }
  return reached;
}

TEST(Reachability, equals_the_plain_search_on_random_graphs) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Snapshot snapshot = test::random_graph(seed, test::random_shape(seed, 300));
    ObjectGraph graph(snapshot);
    Reachability all = reachable(graph);
    std::vector<bool> twin = slow_reachable(graph, 1);
    Extent expected;
    for (std::uint32_t i = 1; i <= graph.slot_count(); ++i) {
      ASSERT_EQ(all.reached(ObjectId{i}), twin[i]) << "seed " << seed << " object " << i;
      if (!twin[i]) continue;
      ++expected.objects;
      expected.bytes += ByteSize(snapshot.heap.size_of(ObjectId{i}));
    }
    ASSERT_EQ(all.extent(), expected) << "seed " << seed;
    ASSERT_EQ(all.objects().count(), expected.objects) << "seed " << seed;
  }
}

TEST(Reachability, goes_on_from_what_was_reached_when_roots_are_added) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Snapshot snapshot = test::random_graph(seed, test::random_shape(seed, 100));
    ObjectGraph graph(snapshot);
    Removed first_root{{RootId{1}}, {}, {}};
    Reachability grown(graph);
    for (std::uint32_t i = 2; i <= graph.roots().count(); ++i) grown.add(RootId{i});
    grown.search();
    ASSERT_EQ(grown.extent(), reachable_without(graph, first_root).extent()) << "seed " << seed;
    grown.add(RootId{1});
    grown.search();
    ASSERT_EQ(grown.extent(), reachable(graph).extent()) << "seed " << seed;
  }
}

constexpr const char* kShared = R"(
  root global main.a -> a:main.t[16]
  root global main.b -> b:main.t[16], shared:main.u[64]
  a@0 -> shared
  a@8 -> deep:main.u[128]
  object garbage:main.v[8]
)";

TEST(Reachability, what_is_removed_is_looked_away_from) {
  test::Drawing drawing = test::draw(kShared);
  ObjectGraph graph(drawing.snapshot);
  EXPECT_EQ(reachable(graph).extent(), (Extent{4, ByteSize(224)}));
  EXPECT_EQ(reachable_without(graph, {{drawing.root("main.a")}, {}, {}}).extent(),
            (Extent{2, ByteSize(80)}));
  EXPECT_EQ(reachable_without(graph, {{}, {}, {{drawing.object("a"), 8}}}).extent(),
            (Extent{3, ByteSize(96)}));
  EXPECT_EQ(reachable_without(graph, {{}, {}, {{drawing.object("a"), 0}}}).extent(),
            (Extent{4, ByteSize(224)}));
  std::uint32_t first_of_b = drawing.snapshot.roots[drawing.root("main.b")].first_reference;
  EXPECT_EQ(reachable_without(graph, {{}, {first_of_b}, {}}).extent(), (Extent{3, ByteSize(208)}));
  EXPECT_EQ(reachable_from(graph, {drawing.root("main.b")}).extent(), (Extent{2, ByteSize(80)}));
}

TEST(Reachability, watched_objects_are_noted_once) {
  test::Drawing drawing = test::draw(kShared);
  ObjectGraph graph(drawing.snapshot);
  Bitmap watched(graph.slot_count() + 1);
  watched.set(drawing.object("shared").value);
  watched.set(drawing.object("a").value);
  watched.set(drawing.object("garbage").value);
  Reachability search(graph);
  search.watch(watched);
  search.add(drawing.root("main.b"));
  search.search();
  EXPECT_EQ(search.take_noted(), std::vector<ObjectId>{drawing.object("shared")});
  search.add(drawing.root("main.a"));
  search.search();
  EXPECT_EQ(search.take_noted(), std::vector<ObjectId>{drawing.object("a")});
  EXPECT_FALSE(search.reached(drawing.object("garbage")));
}

}  // namespace
}  // namespace seep::graph
