#include "analysis/exclusive_bytes.h"

#include <gtest/gtest.h>

#include "support/graph_notation.h"
#include "support/random_graph.h"

namespace seep::analysis {
namespace {

// Groups by root name, in the order in which they are given; all other roots stay.
RootGroups groups_of(const graph::ObjectGraph& graph, const test::Drawing& drawing,
                     const std::vector<std::string>& names) {
  std::vector<std::uint32_t> group_of_root(drawing.snapshot.roots.roots.size());
  for (std::uint32_t i = 0; i < names.size(); ++i)
    group_of_root[drawing.root(names[i]).value] = i + 1;
  return RootGroups(graph, group_of_root, static_cast<std::uint32_t>(names.size()));
}

TEST(ExclusiveBytes, what_only_one_group_reaches_is_its_own) {
  test::Drawing drawing = test::draw(R"(
    goroutine 7 running -> a:main.a[64]
    a.next -> b:main.b[32]
    root global main.g -> c:main.c[128]
  )");
  graph::ObjectGraph graph(drawing.snapshot);
  RootGroups groups = groups_of(graph, drawing, {"goroutine 7"});
  EXPECT_EQ(groups.exclusive()[1].bytes.bytes(), 96u);
  EXPECT_EQ(groups.exclusive()[1].objects, 2u);
  EXPECT_EQ(groups.owner_of(drawing.object("b")), 1u);
  EXPECT_EQ(groups.owner_of(drawing.object("c")), 0u);
}

TEST(ExclusiveBytes, what_others_reach_too_comes_back_with_nobody) {
  test::Drawing drawing = test::draw(R"(
    goroutine 7 running -> a:main.a[64]
    a.next -> b:main.b[32]
    root global main.g -> b
  )");
  graph::ObjectGraph graph(drawing.snapshot);
  RootGroups groups = groups_of(graph, drawing, {"goroutine 7"});
  EXPECT_EQ(groups.exclusive()[1].bytes.bytes(), 64u);
}

TEST(ExclusiveBytes, what_two_groups_share_is_counted_apart) {
  test::Drawing drawing = test::draw(R"(
    goroutine 7 running -> a:main.a[64]
    goroutine 8 running -> b:main.b[32]
    a.x -> c:main.c[128]
    b.x -> c
    c.next -> d:main.d[8]
  )");
  graph::ObjectGraph graph(drawing.snapshot);
  RootGroups groups = groups_of(graph, drawing, {"goroutine 7", "goroutine 8"});
  EXPECT_EQ(groups.exclusive()[1].bytes.bytes(), 64u);
  EXPECT_EQ(groups.exclusive()[2].bytes.bytes(), 32u);
  EXPECT_EQ(groups.exclusive()[0].bytes.bytes(), 136u);
}

TEST(ExclusiveBytes, garbage_belongs_to_nobody_and_cycles_end) {
  test::Drawing drawing = test::draw(R"(
    goroutine 7 running -> a:main.a[64]
    a.next -> b:main.a[64]
    b.next -> a
    object lost:main.a[64]
  )");
  graph::ObjectGraph graph(drawing.snapshot);
  RootGroups groups = groups_of(graph, drawing, {"goroutine 7"});
  EXPECT_EQ(groups.exclusive()[1].bytes.bytes(), 128u);
  EXPECT_EQ(groups.exclusive()[0].bytes.bytes(), 0u);
}

TEST(ExclusiveBytes, the_dominator_tree_gives_the_same_sums_on_random_graphs) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    snapshot::Snapshot snapshot = test::random_graph(seed, test::random_shape(seed, 40));
    graph::ObjectGraph graph(snapshot);
    // Several roots a group, and on every third graph roots that stay.
    std::uint32_t count = static_cast<std::uint32_t>(1 + seed % 4);
    std::vector<std::uint32_t> group_of_root(snapshot.roots.roots.size());
    for (std::size_t i = 0; i < group_of_root.size(); ++i)
      group_of_root[i] =
          static_cast<std::uint32_t>(seed % 3 == 0 ? i % (count + 1) : 1 + i % count);
    RootGroups groups(graph, group_of_root, count);
    graph::DominatorTree tree(graph);
    ASSERT_EQ(exclusive_by_group(tree, group_of_root, count), groups.exclusive()) << seed;
  }
}

}  // namespace
}  // namespace seep::analysis
