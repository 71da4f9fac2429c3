// What tells types apart that have their pointers at the same places.
#include "graph/shape_inference.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "graph/slice_limits.h"
#include "graph/type_inference.h"
#include "support/graph_notation.h"

namespace seep::graph {
namespace {

using snapshot::Snapshot;
using snapshot::TypeId;
using test::Drawing;

constexpr std::string_view kTypes = R"(
  type main.doc[24] { name string @0; id int @16 }
  type main.packet[24] { header []byte @0 }
  object of_doc:main.doc[24]
  object of_packet:main.packet[24]
)";

/// Objects "a", "b" ... of 24 bytes, of which it is known that the first word is a pointer; all
/// types of the drawing are those of a program's heap.
Drawing drawn(const std::vector<std::string>& words) {
  std::string text(kTypes);
  char name = 'a';
  for (const std::string& word : words) {
    std::string object(1, name++);
    text += "object " + object + ":?[24]\n" + object + "@0 -> text_" + object +
            ":string[1024]+100" + word + "\n";
  }
  Drawing drawing = test::draw(text);
  Snapshot& snapshot = drawing.snapshot;
  for (std::string_view type : {"main.doc", "main.packet"})
    snapshot.heap_types.push_back({drawing.type(type), drawing.type(type), true, false});
  snapshot.heap.mask_table = {{}, {{1}, false}};
  snapshot.heap.masks.assign(snapshot.heap.slot_count + 1, 0);
  for (char object = 'a'; object < name; ++object)
    snapshot.heap.masks[drawing.object(std::string(1, object)).value] = 1;
  return drawing;
}

std::string type_of(const Drawing& drawing, std::string_view object) {
  TypeAssignment types = infer_types(drawing.snapshot);
  return drawing.snapshot.types[types.of(drawing.object(object))].name;
}

TEST(ShapeInference, what_has_no_room_behind_its_length_is_no_slice) {
  Drawing drawing = drawn({"~16", "~16", "~16", "~16"});
  EXPECT_EQ(type_of(drawing, "a"), "main.doc");
  EXPECT_EQ(type_of(drawing, "d"), "main.doc");
}

TEST(ShapeInference, what_may_be_a_string_or_a_slice_has_no_type) {
  Drawing drawing = drawn({"~16/40", "~16/40", "~16/40", "~16/40"});
  EXPECT_EQ(type_of(drawing, "a"), "");
}

TEST(ShapeInference, a_few_objects_may_be_slices_that_were_just_being_written) {
  Drawing drawing = drawn({"~16", "~16", "~16", "~16/40", "~16/40"});
  EXPECT_EQ(type_of(drawing, "a"), "");
}

TEST(SliceLimits, a_word_is_told_by_its_object_and_its_place_in_it) {
  Drawing drawing = test::draw(R"(
    type main.pair[48] { left string @0; right string @16; all []byte @24 }
    object p:main.pair[48]
    p@0 -> one:string[1024]+8~9
    p@16 -> two:string[1024]~9
    p@24 -> three:[]byte[1024]~4/8
    object q:main.pair[48]
    q@16 -> two~7
  )");
  std::vector<NoSlice> expected = {
      {drawing.object("p"), 0}, {drawing.object("p"), 16}, {drawing.object("q"), 16}};
  EXPECT_EQ(words_of_no_slice(drawing.snapshot.heap), expected);
}

TEST(SliceLimits, the_parts_of_a_long_object_say_nothing) {
  Drawing drawing = test::draw(R"(
    type main.doc[24] { name string @0; id int @16 }
    object long:[]main.doc[65536]
    long@0 -> one:string[1024]+8~9
  )");
  EXPECT_TRUE(words_of_no_slice(drawing.snapshot.heap).empty());
}

}  // namespace
}  // namespace seep::graph
