#include "analysis/scenarios/finalizer_cycle.h"

#include <gtest/gtest.h>

#include "analysis/finalizer_regions.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

const std::string kTypes = R"(
    type main.resource[16] { part *main.part @0; handle *main.handle @8 }
    type main.part[8] { owner *main.resource @0 }
)";

FinalizerRegions regions_in(const test::Drawing& drawing) {
  graph::ObjectGraph graph(drawing.snapshot);
  return find_finalizer_regions(graph);
}

TEST(FinalizerRegions, a_part_that_leads_back_to_its_owner_keeps_both) {
  test::Drawing drawing = test::draw(kTypes + R"(
    root finalizer of r:main.resource[16] -> p:main.part[8], h:main.handle[4096]
    r.part -> p
    r.handle -> h
    p.owner -> r
  )");
  FinalizerRegions regions = regions_in(drawing);
  EXPECT_EQ(regions.cyclic, std::vector{drawing.root("finalizer of r")});
  EXPECT_TRUE(regions.behind.empty());
  graph::ObjectGraph graph(drawing.snapshot);
  std::vector<CycleStep> cycle = shortest_cycle(graph, drawing.root("finalizer of r"));
  ASSERT_EQ(cycle.size(), 2u);
  EXPECT_EQ(cycle[0].source, drawing.object("r"));
  EXPECT_EQ(cycle[0].target, drawing.object("p"));
  EXPECT_EQ(cycle[1].target, drawing.object("r"));
}

TEST(FinalizerRegions, a_function_that_captures_the_object_keeps_it) {
  test::Drawing drawing = test::draw(R"(
    root finalizer of r:main.resource[16] -> f:func main.make.func1[16]
    f.r -> r
  )");
  EXPECT_EQ(regions_in(drawing).cyclic, std::vector{drawing.root("finalizer of r")});
  graph::ObjectGraph graph(drawing.snapshot);
  std::vector<CycleStep> cycle = shortest_cycle(graph, drawing.root("finalizer of r"));
  ASSERT_EQ(cycle.size(), 2u);
  EXPECT_TRUE(cycle[0].by_function);
}

TEST(FinalizerRegions, a_pointer_of_an_object_to_itself_keeps_nothing) {
  test::Drawing drawing = test::draw(R"(
    type main.node[16] { self *main.node @0; next *main.node @8 }
    root finalizer of r:main.node[16] -> n:main.node[16]
    r.self -> r
    r.next -> n
  )");
  EXPECT_TRUE(regions_in(drawing).cyclic.empty());
  graph::ObjectGraph graph(drawing.snapshot);
  EXPECT_TRUE(shortest_cycle(graph, drawing.root("finalizer of r")).empty());
}

TEST(FinalizerRegions, a_cycle_that_the_program_reaches_can_still_be_cut) {
  test::Drawing drawing = test::draw(kTypes + R"(
    root global main.current -> r:main.resource[16]
    root finalizer of r -> p:main.part[8]
    r.part -> p
    p.owner -> r
  )");
  EXPECT_TRUE(regions_in(drawing).cyclic.empty());
}

TEST(FinalizerRegions, a_finalizer_that_is_going_to_run_can_still_cut_a_cycle) {
  test::Drawing drawing = test::draw(kTypes + R"(
    root finalizer of garbage:main.owner[16] -> r:main.resource[16]
    garbage.resource -> r
    root finalizer of r -> p:main.part[8]
    r.part -> p
    p.owner -> r
  )");
  EXPECT_TRUE(regions_in(drawing).cyclic.empty());
}

TEST(FinalizerRegions, finalizers_one_behind_the_other_are_no_cycle) {
  test::Drawing drawing = test::draw(R"(
    root finalizer of a:main.a[16] -> b:main.b[16]
    a.b -> b
    root finalizer of b -> c:main.c[16]
    b.c -> c
    root finalizer of c -> d:main.d[16]
    c.d -> d
  )");
  FinalizerRegions regions = regions_in(drawing);
  EXPECT_TRUE(regions.cyclic.empty());
  EXPECT_TRUE(regions.behind.empty());
}

TEST(FinalizerRegions, two_objects_with_finalizers_can_keep_each_other) {
  test::Drawing drawing = test::draw(R"(
    root finalizer of a:main.a[16] -> b:main.b[16]
    a.b -> b
    root finalizer of b -> a
    b.a -> a
    b.c -> c:main.c[16]
    root finalizer of c -> d:main.d[512]
    c.d -> d
  )");
  FinalizerRegions regions = regions_in(drawing);
  EXPECT_EQ(regions.cyclic.size(), 2u);
  EXPECT_EQ(regions.behind, std::vector{drawing.root("finalizer of c")});
}

// A ring of a million objects must not need a stack as deep.
TEST(FinalizerRegions, a_long_ring_is_found) {
  constexpr std::uint32_t kObjects = 1'000'000;
  test::Drawing drawing = test::draw(R"(
    type main.node[16] { next *main.node @0 }
    root finalizer of o:main.node[16] -> o
    o.next -> o
  )");
  snapshot::Heap& heap = drawing.snapshot.heap;
  heap.spans[0].slot_count = kObjects;
  heap.spans[0].bytes = std::uint64_t{kObjects} * 16;
  heap.slot_count = kObjects;
  heap.allocated = Bitmap(kObjects + 1);
  heap.dead_unswept = Bitmap(kObjects + 1);
  heap.claims.resize(kObjects + 1);
  heap.references = {};
  heap.references.first = {0, 0};
  for (std::uint32_t i = 1; i <= kObjects; ++i) {
    heap.allocated.set(i);
    heap.references.targets.push_back(i % kObjects + 1);
    heap.references.steps.push_back(1);
    heap.references.first.push_back(i);
  }
  drawing.snapshot.roots.references[0].target = snapshot::ObjectId{2};
  EXPECT_EQ(regions_in(drawing).cyclic.size(), 1u);
  graph::ObjectGraph graph(drawing.snapshot);
  EXPECT_EQ(shortest_cycle(graph, snapshot::RootId{1}).size(), kObjects);
}

TEST(FinalizerCycle, tells_the_cycle_and_what_would_come_back_with_all_behind_it) {
  test::DrawnEvidence drawn(kTypes + R"(
    root finalizer of r:main.resource[16] -> p:main.part[8], h:main.handle[4096]
    r.part -> p
    r.handle -> h
    p.owner -> r
    root finalizer of h -> rest:[]byte[8192]
    h.rest -> rest
  )");
  drawn.drawing.snapshot.roots.roots[1].name =
      drawn.drawing.snapshot.strings.intern("main.closeResource");
  std::vector<Finding> findings = find_finalizer_cycles(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  const Finding& finding = findings[0];
  EXPECT_EQ(finding.scenario, "finalizer-cycle");
  EXPECT_EQ(finding.permanence, Permanence::kPermanent);
  EXPECT_EQ(finding.confidence, Confidence::kPossible) << "one small object is no reason for alarm";
  EXPECT_EQ(finding.bytes.bytes(), 16u + 8u + 4096u + 8192u);
  EXPECT_EQ(finding.count, 1u);
  EXPECT_EQ(finding.type, "main.resource");
  EXPECT_EQ(finding.title,
            "the finalizer main.closeResource of 1 object of type main.resource can never run: it "
            "keeps itself alive");
  ASSERT_FALSE(finding.evidence.empty());
  EXPECT_EQ(finding.evidence[0].text,
            ".part *main.part → .owner *main.resource leads back to the object, over 1 other "
            "object");
}

TEST(FinalizerCycle, many_of_a_type_are_one_proven_finding) {
  std::string text = kTypes;
  for (int i = 0; i < 20; ++i) {
    std::string n = std::to_string(i);
    text += "root finalizer of r" + n + ":main.resource[16] -> p" + n + ":main.part[8]\n" + "r" +
            n + ".part -> p" + n + "\n" + "p" + n + ".owner -> r" + n + "\n";
  }
  test::DrawnEvidence drawn(text);
  std::vector<Finding> findings = find_finalizer_cycles(drawn.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kProven);
  EXPECT_EQ(findings[0].count, 20u);
  EXPECT_EQ(findings[0].bytes.bytes(), 20u * 24u);
  drawn.drawing.snapshot.unreadable_bytes = 4096;
  EXPECT_EQ(find_finalizer_cycles(drawn.evidence())[0].confidence, Confidence::kLikely);
}

}  // namespace
}  // namespace seep::analysis
