#include "graph/heap_growth.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "support/graph_notation.h"

namespace seep::graph {
namespace {

// Places that every drawing of a test declares first, so that a name is the same place in all.
const char* const kPlaces =
    "object cache:main.cache[64]\n"
    "object a:main.entry[32]\n"
    "object b:main.entry[32]\n"
    "object c:main.entry[32]\n"
    "object d:main.entry[32]\n"
    "object text:string[1024]\n";

struct Instant {
  explicit Instant(const std::string& text)
      : drawing(test::draw(kPlaces + text)), graph(drawing.snapshot), tree(graph), trace(tree) {}
  Instant(const Instant&) = delete;
  Instant& operator=(const Instant&) = delete;

  NodeId node(const char* name) const { return ObjectGraph::node(drawing.object(name)); }

  test::Drawing drawing;
  ObjectGraph graph;
  DominatorTree tree;
  HeapTrace trace;
};

const Region* region_of(const HeapGrowth& growth, NodeId holder) {
  for (const Region& region : growth.regions())
    if (region.holder == holder) return &region;
  return nullptr;
}

TEST(HeapGrowthTest, what_is_new_belongs_to_the_nearest_holder_that_was_there_before) {
  Instant first("root global main.cache -> cache\ncache -> a");
  Instant middle("root global main.cache -> cache\ncache -> a, b");
  Instant now("root global main.cache -> cache\ncache -> a, b, c\nc -> text");
  HeapGrowth growth(first.trace, &middle.trace, now.tree);
  ASSERT_EQ(growth.regions().size(), 1u);
  const Region& region = growth.regions().front();
  EXPECT_EQ(region.holder, now.node("cache"));
  EXPECT_EQ(region.first, Extent{});
  EXPECT_EQ(region.middle, (Extent{1, ByteSize(32)}));
  EXPECT_EQ(region.now, (Extent{3, ByteSize(1088)}));
  EXPECT_EQ(region.kept, (Extent{1, ByteSize(32)}));
  EXPECT_TRUE(growth.stands(now.node("a")));
  EXPECT_FALSE(growth.stands(now.node("b")));
}

TEST(HeapGrowthTest, entries_that_are_replaced_are_no_growth) {
  Instant first("root global main.cache -> cache\ncache -> a, b");
  Instant middle("root global main.cache -> cache\ncache -> b, c");
  Instant now("root global main.cache -> cache\ncache -> c, d");
  HeapGrowth growth(first.trace, &middle.trace, now.tree);
  const Region* region = region_of(growth, now.node("cache"));
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(region->first, (Extent{2, ByteSize(64)}));
  EXPECT_EQ(region->middle, (Extent{2, ByteSize(64)}));
  EXPECT_EQ(region->now, (Extent{2, ByteSize(64)}));
}

TEST(HeapGrowthTest, a_place_that_was_empty_in_the_middle_holds_another_object_now) {
  Instant first("root global main.cache -> cache\ncache -> a");
  Instant middle("root global main.cache -> cache");
  Instant now("root global main.cache -> cache\ncache -> a");
  EXPECT_FALSE(HeapGrowth(first.trace, &middle.trace, now.tree).stands(now.node("a")));
  EXPECT_TRUE(HeapGrowth(first.trace, nullptr, now.tree).stands(now.node("a")));
}

TEST(HeapGrowthTest, a_place_with_another_type_holds_another_object) {
  test::Drawing before = test::draw("object a:main.entry[32]\nroot global main.cache -> a");
  test::Drawing after = test::draw("object a:main.other[32]\nroot global main.cache -> a");
  ObjectGraph first(before.snapshot), now(after.snapshot);
  HeapTrace trace{DominatorTree(first)};
  HeapGrowth growth(trace, nullptr, DominatorTree(now));
  EXPECT_FALSE(growth.stands(ObjectGraph::node(after.object("a"))));
}

TEST(HeapGrowthTest, a_slot_of_another_size_holds_another_object) {
  test::Drawing before = test::draw("object a:?[32]\nroot global main.cache -> a");
  test::Drawing after = test::draw("object a:?[48]\nroot global main.cache -> a");
  ObjectGraph first(before.snapshot), now(after.snapshot);
  HeapTrace trace{DominatorTree(first)};
  HeapGrowth growth(trace, nullptr, DominatorTree(now));
  EXPECT_FALSE(growth.stands(ObjectGraph::node(after.object("a"))));
}

TEST(HeapGrowthTest, what_moved_from_one_holder_to_another_went_from_one_and_came_to_the_other) {
  Instant first("root global main.cache -> cache\ncache -> b\nb -> a");
  Instant now("root global main.cache -> cache\ncache -> b, a");
  HeapGrowth growth(first.trace, nullptr, now.tree);
  EXPECT_TRUE(growth.stands(now.node("b")));
  EXPECT_FALSE(growth.stands(now.node("a")));
  ASSERT_NE(region_of(growth, now.node("b")), nullptr);
  EXPECT_EQ(region_of(growth, now.node("b"))->first, (Extent{1, ByteSize(32)}));
  EXPECT_EQ(region_of(growth, now.node("b"))->now, Extent{});
  ASSERT_NE(region_of(growth, now.node("cache")), nullptr);
  EXPECT_EQ(region_of(growth, now.node("cache"))->now, (Extent{1, ByteSize(32)}));
}

TEST(HeapGrowthTest, what_a_goroutine_uses_as_well_for_a_while_stays_where_it_is) {
  Instant first("root global main.cache -> cache\ncache -> a\na -> text");
  Instant now("root global main.cache -> cache\ncache -> a\na -> text\ngoroutine 5 running -> a");
  for (const auto& [before, after] : {std::pair(&first, &now), std::pair(&now, &first)}) {
    HeapGrowth growth(before->trace, nullptr, after->tree);
    EXPECT_TRUE(growth.stands(after->node("a")));
    EXPECT_TRUE(growth.stands(after->node("text")));
    EXPECT_TRUE(growth.regions().empty());
  }
}

TEST(HeapGrowthTest, goroutines_that_come_and_go_are_nobodys_growth) {
  Instant first("root global main.cache -> cache\ngoroutine 5 running -> a");
  Instant now("root global main.cache -> cache\ngoroutine 6 running -> b, c");
  HeapGrowth growth(first.trace, nullptr, now.tree);
  EXPECT_TRUE(growth.regions().empty());
  EXPECT_EQ(growth.passing_roots().first, (Extent{1, ByteSize(32)}));
  EXPECT_EQ(growth.passing_roots().now, (Extent{2, ByteSize(64)}));
}

TEST(HeapGrowthTest, what_several_roots_reach_has_no_holder_below_the_super_root) {
  Instant first("root global main.cache -> cache\nroot global main.index -> cache");
  Instant now("root global main.cache -> cache, a\nroot global main.index -> cache, a");
  HeapGrowth growth(first.trace, nullptr, now.tree);
  ASSERT_EQ(growth.regions().size(), 1u);
  EXPECT_EQ(growth.regions().front().holder, kSuperRoot);
}

TEST(HeapGrowthTest, a_list_that_grows_at_its_head_belongs_to_its_variable) {
  Instant first("root global main.head -> a");
  Instant middle("root global main.head -> b\nb -> a");
  Instant now("root global main.head -> c\nc -> b\nb -> a");
  HeapGrowth growth(first.trace, &middle.trace, now.tree);
  const Region* region = region_of(growth, now.graph.node(now.drawing.root("main.head")));
  ASSERT_NE(region, nullptr);
  EXPECT_EQ(region->now, (Extent{2, ByteSize(64)}));
}

}  // namespace
}  // namespace seep::graph
