// The drawings themselves (tests/support/graph_notation.h).
#include "support/graph_notation.h"

#include <gtest/gtest.h>

namespace seep::test {
namespace {

using snapshot::ClaimSource;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::TypeKind;
using snapshot::WaitKind;

std::vector<Reference> references_of(const Drawing& drawing, std::string_view name) {
  std::vector<Reference> all;
  drawing.snapshot.heap.for_each_reference(drawing.object(name),
                                           [&](const Reference& r) { all.push_back(r); });
  return all;
}

TEST(GraphNotation, a_drawing_becomes_objects_references_roots_and_expectations) {
  Drawing drawing = draw(R"(
    root global main.cache -> a:map[40]
    a.buckets -> b:[]byte[4096]   # a comment
    retained a = 4136
  )");
  const snapshot::Heap& heap = drawing.snapshot.heap;
  EXPECT_EQ(heap.slot_count, 2u);
  EXPECT_EQ(heap.size_of(drawing.object("a")), 40u);
  EXPECT_EQ(heap.size_of(drawing.object("b")), 4096u);
  EXPECT_TRUE(heap.is_object(drawing.object("b")));
  EXPECT_EQ(heap.find(heap.address_of(drawing.object("b")) + 4095), drawing.object("b"));
  ASSERT_EQ(references_of(drawing, "a").size(), 1u);
  EXPECT_EQ(references_of(drawing, "a")[0].target, drawing.object("b"));
  EXPECT_EQ(references_of(drawing, "a")[0].offset, 0u);
  EXPECT_EQ(drawing.snapshot.types[drawing.types[1]].fields.at(0).name, "buckets");
  EXPECT_EQ(drawing.snapshot.types[drawing.types[2]].name, "byte");
  EXPECT_EQ(heap.claims[2].source(), ClaimSource::kHeader);
  EXPECT_TRUE(heap.span_of(drawing.object("b")).pointer_free);
  EXPECT_EQ(drawing.snapshot.roots[drawing.root("main.cache")].reference_count, 1u);
  ASSERT_EQ(drawing.expectations.size(), 1u);
  EXPECT_EQ(drawing.expectations[0].subject, "a");
  EXPECT_EQ(drawing.expectations[0].value, "4136");
}

TEST(GraphNotation, goroutines_have_states_waits_stacks_and_locals) {
  Drawing drawing = draw(R"(
    goroutine 17 waiting select ch:chan int[96], m:sync.Mutex[8]+4, outside in runtime.gopark in main.work@w.go:12 by main.main for 300s -> conn=a:*main.conn[8]
    goroutine 1 running -> a
    goroutine 2 waiting never system
  )");
  const snapshot::Snapshot& snapshot = drawing.snapshot;
  ASSERT_EQ(snapshot.goroutines.size(), 3u);
  const snapshot::Goroutine& first = snapshot.goroutines[0];
  EXPECT_EQ(first.id, 17u);
  EXPECT_EQ(first.wait_kind, WaitKind::kSelect);
  ASSERT_EQ(first.waits_for.size(), 3u);
  EXPECT_EQ(first.waits_for[0].object, drawing.object("ch"));
  EXPECT_EQ(first.waits_for[1].address, snapshot.heap.address_of(drawing.object("m")) + 4);
  EXPECT_TRUE(first.waits_for[2].object.is_none());
  ASSERT_EQ(snapshot.stacks[first.stack].size(), 2u);
  EXPECT_EQ(snapshot.stacks[first.stack][1].line, 12u);
  EXPECT_EQ(snapshot.strings.text(first.created_by.function), "main.main");
  EXPECT_EQ(first.wait_seconds, 300.0);
  EXPECT_EQ(first.root, drawing.root("goroutine 17"));
  EXPECT_EQ(snapshot.strings.text(snapshot.roots.references[0].name), "conn");
  EXPECT_EQ(snapshot.goroutines[1].status, GoroutineStatus::kRunning);
  EXPECT_TRUE(snapshot.goroutines[2].system);
}

TEST(GraphNotation, fields_elements_and_offsets_become_word_offsets) {
  Drawing drawing = draw(R"(
    type main.node[48] { key string @0; next *main.node @16; value any @24 }
    root global main.list:*main.node -> n:main.node[48]
    n.next -> m:main.node[48]
    n.value -> box:main.node[48]
    n.key -> text:string[5]
    object array:[]main.node[480]
    array[3].next -> n
    array[4].next -> m+16
    array -> m
    m@40 -> n
  )");
  std::vector<Reference> n = references_of(drawing, "n");
  ASSERT_EQ(n.size(), 3u);
  EXPECT_EQ(n[0].target, drawing.object("text"));
  EXPECT_EQ(n[1].offset, 16u);
  EXPECT_EQ(n[2].offset, 32u) << "the second word of an interface";
  std::vector<Reference> array = references_of(drawing, "array");
  ASSERT_EQ(array.size(), 3u);
  EXPECT_EQ(array[0].offset, 0u);
  EXPECT_EQ(array[1].offset, 3 * 48u + 16);
  EXPECT_FALSE(array[1].interior);
  EXPECT_EQ(array[2].offset, 4 * 48u + 16);
  EXPECT_TRUE(array[2].interior);
  const snapshot::GoType& node = drawing.snapshot.types[drawing.type("main.node")];
  EXPECT_EQ(node.kind, TypeKind::kStruct);
  EXPECT_EQ(node.pointer_bytes, 40u);
}

TEST(GraphNotation, wide_gaps_between_pointers_are_bridged) {
  Drawing drawing = draw(R"(
    root global main.big -> a:main.big[4000000]
    a@0 -> b:main.leaf[8]
    a@3999992 -> b
  )");
  std::vector<Reference> all = references_of(drawing, "a");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].offset, 3999992u);
}

TEST(GraphNotation, mistakes_are_told_with_their_line) {
  for (const char* text :
       {"a -> b", "root planet x -> a:t[8]", "object a:t", "object a:t[8]\na -> a, a",
        "goroutine x running", "goroutine 1 waiting bus", "object a:t[8]\nobject a:t[16]",
        "type t[8] { x *t @0 }\nobject a:t[8]\na.y -> a", "nonsense"}) {
    Result<Drawing> drawing = parse_drawing(text);
    ASSERT_FALSE(drawing) << text;
    EXPECT_NE(drawing.error().message.find("line "), std::string::npos);
  }
}

TEST(GraphNotation, what_is_printed_parses_to_the_same_graph) {
  Drawing drawing = draw(R"(
    root global main.cache:map[string]int -> a:map[string]int[48]
    root finalizer of c:string[16] -> a
    a.directory -> b:[]main.slot[512]
    b@24 -> c+8
    goroutine 3 waiting chan ch:chan int[96] in main.f -> x=ch
    ch@8 -> d:?[32]
  )");
  std::string text = print_drawing(drawing.snapshot, drawing.types);
  Result<Drawing> again = parse_drawing(text);
  ASSERT_TRUE(again) << again.error().message << "\n" << text;
  EXPECT_EQ(again->snapshot.heap.references, drawing.snapshot.heap.references);
  EXPECT_EQ(again->snapshot.heap.spans, drawing.snapshot.heap.spans);
  EXPECT_EQ(again->snapshot.roots.references.size(), drawing.snapshot.roots.references.size());
  EXPECT_EQ(again->snapshot.goroutines.at(0).waits_for,
            drawing.snapshot.goroutines.at(0).waits_for);
}

}  // namespace
}  // namespace seep::test
