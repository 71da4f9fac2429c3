#include "graph/dominator_tree.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::graph {
namespace {

using snapshot::ObjectId;
using snapshot::Snapshot;

// The slow twin, by the definition: what is no longer reached when a node is gone.
std::vector<bool> reached_without(const ObjectGraph& graph, NodeId removed, bool remove) {
  std::vector<bool> reached(graph.node_count() + 1);
  std::vector<NodeId> queue = {kSuperRoot};
  reached[0] = true;
  while (!queue.empty()) {
    NodeId node = queue.back();
    queue.pop_back();
    graph.for_each_successor(node, [&](NodeId target) {
      if ((remove && target == removed) || reached[target.value]) return;
      reached[target.value] = true;
      queue.push_back(target);
    });
  }
  return reached;
}

struct Twin {
  explicit Twin(const ObjectGraph& graph)
      : reachable(reached_without(graph, {}, false)),
        dominates(graph.node_count() + 1),
        immediate(graph.node_count() + 1) {
    for (std::uint32_t a = 1; a <= graph.node_count(); ++a) {
      if (!reachable[a]) continue;
      std::vector<bool> rest = reached_without(graph, NodeId{a}, true);
      for (std::uint32_t b = 1; b <= graph.node_count(); ++b)
        if (reachable[b] && !rest[b]) dominates[a].push_back(b);
    }
    // The nearest strict dominator is the one with the smallest subtree.
    for (std::uint32_t a = 1; a <= graph.node_count(); ++a) {
      for (std::uint32_t b : dominates[a]) {
        std::uint32_t best = immediate[b];
        if (a != b && (best == 0 || dominates[a].size() < dominates[best].size())) immediate[b] = a;
      }
    }
  }

  std::vector<bool> reachable;
  std::vector<std::vector<std::uint32_t>> dominates;  ///< itself and all below
  std::vector<std::uint32_t> immediate;               ///< 0: the super root
};

void expect_equals_twin(const Snapshot& snapshot, std::uint64_t seed) {
  ObjectGraph graph(snapshot);
  DominatorTree tree(graph);
  DominatedNodes below(tree);
  Twin twin(graph);
  for (std::uint32_t i = 1; i <= graph.node_count(); ++i) {
    NodeId node{i};
    ASSERT_EQ(tree.is_reachable(node), twin.reachable[i]) << "seed " << seed << " node " << i;
    ASSERT_EQ(tree.dominator(node).value, twin.immediate[i]) << "seed " << seed << " node " << i;
    Extent retained;
    for (std::uint32_t b : twin.dominates[i]) {
      if (!graph.is_object(NodeId{b})) continue;
      ++retained.objects;
      retained.bytes += ByteSize(graph.bytes(NodeId{b}));
    }
    ASSERT_EQ(tree.retained(node), retained) << "seed " << seed << " node " << i;
    below.for_each(node, [&](NodeId child) { ASSERT_EQ(tree.dominator(child), node); });
  }
}

TEST(DominatorTree, equals_the_slow_twin_on_random_graphs) {
  for (std::uint64_t seed = 1; seed <= 4000; ++seed) {
    expect_equals_twin(test::random_graph(seed, test::random_shape(seed, 14)), seed);
    if (HasFatalFailure()) return;
  }
}

TEST(DominatorTree, equals_the_slow_twin_on_larger_random_graphs) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    expect_equals_twin(test::random_graph(seed, test::random_shape(seed, 120)), seed);
    if (HasFatalFailure()) return;
  }
}

TEST(DominatorTree, retained_sizes_of_a_drawing_are_as_drawn) {
  test::Drawing drawing = test::draw(R"(
    root global main.cache -> a:map[40]
    a.buckets -> b:[]byte[4096]
    a.shared -> s:main.config[64]
    goroutine 17 running -> s, own:[]byte[100]
    object garbage:[]byte[32]
    retained a = 4136
    retained main.cache = 4136
    retained goroutine 17 = 100
    retained s = 64
    retained garbage = 0
  )");
  ObjectGraph graph(drawing.snapshot);
  DominatorTree tree(graph);
  ASSERT_EQ(drawing.expectations.size(), 5u);
  for (const test::Expectation& expected : drawing.expectations) {
    NodeId node = ObjectGraph::node(drawing.object(expected.subject));
    if (node == kSuperRoot) node = graph.node(drawing.root(expected.subject));
    EXPECT_EQ(std::to_string(tree.retained(node).bytes.bytes()), expected.value)
        << expected.subject;
  }
  EXPECT_EQ(tree.retained(kSuperRoot).objects, 4u);
  EXPECT_EQ(tree.dominator(ObjectGraph::node(drawing.object("s"))), kSuperRoot);
}

TEST(DominatorTree, a_list_of_a_million_objects_is_no_deeper_than_the_stack_allows) {
  constexpr std::uint32_t kCount = 1'000'000;
  Snapshot snapshot;
  snapshot::Span span;
  span.start = Address(0xc000000000);
  span.slot_bytes = 16;
  span.slot_count = kCount;
  span.first = ObjectId{1};
  span.bytes = std::uint64_t{kCount} * 16;
  snapshot.heap.spans = {span};
  snapshot.heap.slot_count = kCount;
  snapshot.heap.allocated = Bitmap(kCount + 1);
  snapshot.heap.references.first = {0};
  for (std::uint32_t i = 1; i <= kCount; ++i) {
    snapshot.heap.allocated.set(i);
    snapshot.heap.references.first.push_back(i - 1);
    if (i < kCount) snapshot.heap.references.targets.push_back(i + 1);
    if (i < kCount) snapshot.heap.references.steps.push_back(1);
  }
  snapshot.heap.references.first.push_back(kCount - 1);
  snapshot.roots.roots.push_back({});
  snapshot.roots.roots.back().reference_count = 1;
  snapshot.roots.references.push_back({});
  snapshot.roots.references.back().target = ObjectId{1};
  ObjectGraph graph(snapshot);
  DominatorTree tree(graph);
  EXPECT_EQ(tree.dominator(NodeId{kCount}), NodeId{kCount - 1});
  EXPECT_EQ(tree.retained(NodeId{1}).objects, kCount);
  EXPECT_EQ(tree.retained(NodeId{kCount / 2}).bytes.bytes(), 16u * (kCount / 2 + 1));
}

TEST(DominatorTree, an_empty_snapshot_has_an_empty_tree) {
  Snapshot snapshot;
  snapshot.heap.references.first = {0, 0};
  snapshot.heap.allocated = Bitmap(1);
  ObjectGraph graph(snapshot);
  DominatorTree tree(graph);
  EXPECT_EQ(tree.retained(kSuperRoot).objects, 0u);
}

}  // namespace
}  // namespace seep::graph
