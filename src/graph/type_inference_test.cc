#include "graph/type_inference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "graph/reference_path.h"
#include "support/untyped_groups.h"

namespace seep::graph {
namespace {

using snapshot::ClaimSource;
using snapshot::Field;
using snapshot::GcRoot;
using snapshot::GoType;
using snapshot::ObjectId;
using snapshot::PartRole;
using snapshot::ReferenceTable;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::Span;
using snapshot::TypeClaim;
using snapshot::TypeId;
using snapshot::TypeKind;

/// A heap in which every object is told by number, slot by slot.
class HeapByHand {
 public:
  TypeId scalar(const std::string& name, std::uint64_t bytes) {
    return word(TypeKind::kScalar, name, {}, bytes, 0);
  }
  TypeId pointer_to(TypeId referent) {
    return word(TypeKind::kPointer, "*" + type(referent).name, referent, 8);
  }
  TypeId slice_of(TypeId element) {
    return word(TypeKind::kSlice, "[]" + type(element).name, element, 24);
  }
  TypeId word(TypeKind kind, const std::string& name, TypeId referent, std::uint64_t bytes,
              std::uint64_t pointer_bytes = 8) {
    GoType type;
    type.name = name;
    type.kind = kind;
    type.size = bytes;
    type.pointer_bytes = pointer_bytes;
    type.referent = referent;
    return add(std::move(type));
  }
  TypeId structure(const std::string& name, std::uint64_t bytes, std::vector<Field> fields) {
    TypeId made = word(TypeKind::kStruct, name, {}, bytes, fields.empty() ? 0 : bytes);
    type(made).fields = std::move(fields);
    return made;
  }
  TypeId array(const std::string& name, TypeId element, std::uint64_t length, std::uint64_t bytes) {
    TypeId made = word(TypeKind::kArray, name, {}, bytes, bytes);
    type(made).element = element;
    type(made).length = length;
    return made;
  }
  TypeId add(GoType type) { return made_.types.add(std::move(type)); }
  GoType& type(TypeId id) { return made_.types.at(id); }

  /// A span of `count` slots, all allocated; returns the first.
  std::uint32_t slots(std::uint64_t slot_bytes, std::uint32_t count, bool pointer_free = false,
                      std::uint8_t data_offset = 0) {
    Span span;
    span.bytes = (slot_bytes * count + 8191) / 8192 * 8192;
    span.start = Address(next_address_);
    next_address_ += span.bytes;
    span.slot_bytes = slot_bytes;
    span.slot_count = count;
    span.first = ObjectId{next_id_};
    span.pointer_free = pointer_free;
    span.data_offset = data_offset;
    next_id_ += count;
    made_.heap.spans.push_back(span);
    return span.first.value;
  }
  void refer(std::uint32_t from, std::uint64_t offset, std::uint32_t to, bool interior = false) {
    references_[from][offset] = {to, interior};
  }
  void global(TypeId type, std::uint64_t offset, std::uint32_t target, TypeId boxed = {}) {
    GcRoot root;
    root.kind = snapshot::RootKind::kGlobal;
    root.type = type;
    root.first_reference = static_cast<std::uint32_t>(made_.roots.references.size());
    root.reference_count = 1;
    RootReference reference;
    reference.target = ObjectId{target};
    reference.type = type;
    reference.offset = offset;
    reference.boxed = boxed;
    made_.roots.roots.push_back(root);
    made_.roots.references.push_back(reference);
  }
  void claim(std::uint32_t object, TypeId type, ClaimSource source) {
    claims_[object] = TypeClaim(type, source);
  }

  const Snapshot& snapshot() {
    snapshot::Heap& heap = made_.heap;
    heap.slot_count = next_id_ - 1;
    heap.allocated = Bitmap(next_id_);
    heap.claims.assign(next_id_, {});
    heap.references = {};
    heap.references.first = {0};
    for (std::uint32_t id = 0; id < next_id_; ++id) {
      if (id != 0) heap.allocated.set(id);
      heap.claims[id] = claims_[id];
      std::uint64_t last = ~std::uint64_t{0};
      for (const auto& [offset, to] : references_[id]) {
        std::uint64_t at = offset / 8;
        heap.references.targets.push_back(to.first);
        heap.references.steps.push_back(
            static_cast<std::uint16_t>((at - last) | (to.second ? ReferenceTable::kInterior : 0)));
        last = at;
      }
      heap.references.first.push_back(static_cast<std::uint32_t>(heap.references.targets.size()));
    }
    return made_;
  }

  std::string inferred(std::uint32_t object) {
    TypeAssignment types = infer_types(snapshot());
    return object_type_name(made_.types, types, ObjectId{object});
  }

 private:
  Snapshot made_;
  std::uint64_t next_address_ = 0xc000000000;
  std::uint32_t next_id_ = 1;
  std::map<std::uint32_t, std::map<std::uint64_t, std::pair<std::uint32_t, bool>>> references_;
  std::map<std::uint32_t, TypeClaim> claims_;
};

/// main.node {next *main.node @0; value int @8; data []byte @16}
struct Nodes : HeapByHand {
  TypeId byte = scalar("uint8", 1);
  TypeId integer = scalar("int", 8);
  TypeId bytes = slice_of(byte);
  TypeId node = structure("main.node", 40, {});
  TypeId node_pointer = pointer_to(node);

  Nodes() {
    type(node).pointer_bytes = 24;
    type(node).fields = {{"next", node_pointer, 0, PartRole::kField},
                         {"value", integer, 8, PartRole::kField},
                         {"data", bytes, 16, PartRole::kField}};
  }
};

TEST(TypeInference, type_flows_from_a_variable_along_a_list) {
  Nodes heap;
  std::uint32_t node = heap.slots(48, 3);
  std::uint32_t data = heap.slots(128, 1, true);
  heap.global(heap.node_pointer, 0, node);
  heap.refer(node, 0, node + 1);
  heap.refer(node + 1, 0, node + 2);
  heap.refer(node + 2, 16, data);
  TypeAssignment types = infer_types(heap.snapshot());
  EXPECT_EQ(types.of(ObjectId{node + 2}), heap.node);
  EXPECT_EQ(types.of(ObjectId{data}), heap.byte);
  EXPECT_TRUE(types.arrays.test(data));
  EXPECT_FALSE(types.arrays.test(node));
  EXPECT_EQ(types.typed_objects, 4u);
  EXPECT_EQ(types.objects, 4u);
  EXPECT_EQ(types.typed_bytes, 3 * 48u + 128u);
  EXPECT_EQ(types.bytes, types.typed_bytes);
}

TEST(TypeInference, elements_of_a_slice_are_typed_one_after_the_other) {
  Nodes heap;
  std::uint32_t array = heap.slots(416, 1);  // ten nodes and 16 bytes
  std::uint32_t node = heap.slots(48, 1);
  heap.global(heap.slice_of(heap.node), 0, array);
  heap.refer(array, 9 * 40, node);
  EXPECT_EQ(heap.inferred(array), "[]main.node");
  EXPECT_EQ(heap.inferred(node), "main.node");
}

TEST(TypeInference, a_type_that_fills_the_slot_beats_that_of_its_first_field) {
  Nodes heap;
  heap.slots(80, 1);  // the next smaller slots
  TypeId outer = heap.structure("main.outer", 96,
                                {{"node", heap.node, 0, PartRole::kField},
                                 {"more", heap.node_pointer, 88, PartRole::kField}});
  std::uint32_t object = heap.slots(96, 2);
  heap.global(heap.node_pointer, 0, object);
  heap.global(heap.pointer_to(outer), 0, object);
  heap.refer(object, 88, object + 1);
  EXPECT_EQ(heap.inferred(object), "main.outer");
}

TEST(TypeInference, a_type_whose_pointers_the_object_contradicts_is_taken_away) {
  Nodes heap;
  heap.slots(32, 1);
  std::uint32_t object = heap.slots(48, 2);
  heap.global(heap.node_pointer, 0, object);
  heap.refer(object, 8, object + 1);  // main.node has a number there
  TypeAssignment types = infer_types(heap.snapshot());
  EXPECT_TRUE(types.of(ObjectId{object}).is_none());
  EXPECT_EQ(types.misfits, 1u);
}

TEST(TypeInference, what_the_runtime_wrote_down_is_not_overruled) {
  Nodes heap;
  TypeId other = heap.structure("main.other", 600, {{"p", heap.node_pointer, 0, PartRole::kField}});
  std::uint32_t object = heap.slots(640, 1, false, 8);
  heap.claim(object, other, ClaimSource::kHeader);
  heap.global(heap.slice_of(heap.node), 0, object);
  EXPECT_EQ(heap.inferred(object), "main.other");
}

TEST(TypeInference, pointer_free_memory_is_no_object_with_pointers) {
  Nodes heap;
  std::uint32_t object = heap.slots(48, 1, true);
  heap.global(heap.node_pointer, 0, object);
  EXPECT_EQ(heap.inferred(object), "?");
}

TEST(TypeInference, an_interface_leads_to_what_it_claims) {
  Nodes heap;
  TypeId any = heap.word(TypeKind::kInterface, "interface {}", {}, 16);
  heap.type(any).pointer_bytes = 16;
  TypeId holder = heap.structure("main.holder", 16, {{"v", any, 0, PartRole::kField}});
  std::uint32_t object = heap.slots(16, 1);
  std::uint32_t node = heap.slots(48, 2);
  heap.global(heap.pointer_to(holder), 0, object);
  heap.refer(object, 8, node);
  heap.claim(node, heap.node, ClaimSource::kInterface);
  heap.global(any, 8, node + 1, heap.node);
  EXPECT_EQ(heap.inferred(node), "main.node");
  EXPECT_EQ(heap.inferred(node + 1), "main.node");
}

TEST(TypeInference, a_closure_types_what_it_captured) {
  Nodes heap;
  TypeId code = heap.word(TypeKind::kFunc, "func()", {}, 8);
  TypeId closure =
      heap.structure("func main.main.func1", 16, {{"n", heap.node_pointer, 8, PartRole::kCapture}});
  heap.type(closure).synthetic = true;
  std::uint32_t object = heap.slots(16, 1);
  std::uint32_t node = heap.slots(48, 1);
  heap.global(code, 0, object);
  heap.claim(object, closure, ClaimSource::kClosure);
  heap.refer(object, 8, node);
  EXPECT_EQ(heap.inferred(object), "func main.main.func1");
  EXPECT_EQ(heap.inferred(node), "main.node");
}

TEST(TypeInference, a_closure_may_hold_more_than_is_known_of_it) {
  Nodes heap;
  TypeId code = heap.word(TypeKind::kFunc, "func()", {}, 8);
  TypeId closure = heap.structure("func main.main.gowrap1", 24,
                                  {{"n", heap.node_pointer, 16, PartRole::kCapture}});
  std::uint32_t object = heap.slots(48, 1), node = heap.slots(48, 3);
  heap.global(code, 0, object);
  heap.claim(object, closure, ClaimSource::kClosure);
  heap.refer(object, 8, node);
  heap.refer(object, 16, node + 1);
  heap.refer(object, 40, node + 2);  // not the captured n of a second closure
  EXPECT_EQ(heap.inferred(object), "func main.main.gowrap1");
  EXPECT_EQ(heap.inferred(node), "?");
  EXPECT_EQ(heap.inferred(node + 1), "main.node");
  EXPECT_EQ(heap.inferred(node + 2), "?");
}

TEST(TypeInference, garbage_is_typed_by_its_own_claims) {
  Nodes heap;
  std::uint32_t node = heap.slots(48, 2);
  heap.claim(node, heap.node, ClaimSource::kInterface);
  heap.refer(node, 0, node + 1);
  EXPECT_EQ(heap.inferred(node), "main.node");
  EXPECT_EQ(heap.inferred(node + 1), "main.node");
}

TEST(TypeInference, a_pointer_with_two_sorts_of_targets_goes_by_their_first_word) {
  Nodes heap;
  TypeId group =
      heap.structure("map (entries)", 48, {{"key", heap.node_pointer, 8, PartRole::kKey}});
  TypeId directory = heap.pointer_to(heap.pointer_to(group));
  heap.type(group).synthetic = heap.type(directory).synthetic = true;
  TypeId either = heap.pointer_to(group);
  heap.type(either).referent_if_first_word_is_pointer = directory;
  std::uint32_t small = heap.slots(48, 1), table = heap.slots(64, 1), node = heap.slots(40, 1);
  heap.global(either, 0, small);
  heap.global(either, 0, table);
  heap.refer(small, 8, node);
  heap.refer(table, 0, small);
  EXPECT_EQ(heap.inferred(small), "map (entries)");
  EXPECT_EQ(heap.inferred(table), "**map (entries)");
  EXPECT_EQ(heap.inferred(node), "main.node");
}

TEST(TypeInference, a_pointer_into_the_middle_is_believed_only_if_it_was_made_for_that) {
  Nodes heap;
  TypeId whole = heap.structure("time.Timer", 40, {{"c", heap.node_pointer, 0, PartRole::kField}});
  TypeId rest = heap.structure("runtime.timer", 24, {});
  TypeId known = heap.pointer_to(rest);
  heap.type(known).referent_if_interior = whole;
  TypeId holder = heap.structure(
      "main.holder", 16,
      {{"known", known, 0, PartRole::kField}, {"node", heap.node_pointer, 8, PartRole::kField}});
  std::uint32_t object = heap.slots(16, 1), target = heap.slots(48, 2);
  std::uint32_t other = heap.slots(128, 1);
  heap.global(heap.pointer_to(holder), 0, object);
  heap.refer(object, 0, target, true);
  heap.refer(object, 8, other, true);
  heap.refer(other, 8, target + 1);
  EXPECT_EQ(heap.inferred(target), "time.Timer");
  EXPECT_EQ(heap.inferred(other), "?");
}

TEST(TypeInference, a_slice_into_the_middle_tells_the_elements_where_nothing_better_does) {
  Nodes heap;
  std::uint32_t array = heap.slots(48, 1), bytes = heap.slots(1024, 1, true);
  std::uint32_t nodes = heap.slots(128, 1), node = heap.slots(48, 1);
  TypeId slices =
      heap.structure("main.slices", 48,
                     {{"bytes", heap.bytes, 0, PartRole::kField},
                      {"nodes", heap.slice_of(heap.node_pointer), 24, PartRole::kField}});
  heap.global(heap.pointer_to(slices), 0, array);
  heap.refer(array, 0, bytes, true);
  heap.refer(array, 24, nodes, true);
  heap.refer(nodes, 64, node);
  EXPECT_EQ(heap.inferred(bytes), "[]uint8");
  EXPECT_EQ(heap.inferred(nodes), "[]*main.node");
  EXPECT_EQ(heap.inferred(node), "main.node");
}

TEST(TypeInference, damaged_types_and_numbers_do_no_harm) {
  Nodes heap;
  TypeId loop = heap.structure("main.loop", 16, {});
  heap.type(loop).pointer_bytes = 16;
  heap.type(loop).fields = {{"self", loop, 0, PartRole::kField}};
  TypeId stray = heap.word(TypeKind::kPointer, "*stray", TypeId{4'000'000}, 8);
  TypeId empty =
      heap.array("[9]stray", TypeId{4'000'000}, ~std::uint64_t{0}, std::uint64_t{1} << 46);
  std::uint32_t object = heap.slots(16, 4);
  heap.global(heap.pointer_to(loop), 0, object);
  heap.global(stray, 0, object + 1);
  heap.global(empty, 1 << 30, object + 2);
  heap.claim(object + 3, TypeId{3'000'000}, ClaimSource::kHeader);
  heap.refer(object, 8, object + 1);
  TypeAssignment types = infer_types(heap.snapshot());
  EXPECT_EQ(types.objects, 4u);
}

TEST(TypeInference, what_stays_untyped_is_shown_by_who_points_there) {
  Nodes heap;
  TypeId raw = heap.word(TypeKind::kUnsafePointer, "unsafe.Pointer", {}, 8);
  TypeId holder = heap.structure("main.holder", 16, {{"raw", raw, 8, PartRole::kField}});
  std::uint32_t object = heap.slots(16, 1), unknown = heap.slots(32, 2);
  heap.global(heap.pointer_to(holder), 0, object);
  heap.refer(object, 8, unknown);
  const Snapshot& snapshot = heap.snapshot();
  std::vector<test::UntypedGroup> groups = test::untyped_groups(snapshot, infer_types(snapshot));
  ASSERT_EQ(groups.size(), 2u);
  std::vector<std::string> referrers = {groups[0].referrer, groups[1].referrer};
  std::ranges::sort(referrers);
  EXPECT_EQ(referrers[0], "main.holder .raw unsafe.Pointer");
  EXPECT_EQ(referrers[1], "nothing");
  EXPECT_EQ(groups[0].bytes, 32u);
}

TEST(ReferencePath, names_fields_elements_and_captures_and_leaves_out_plumbing) {
  Nodes heap;
  TypeId array = heap.array("[4]main.node", heap.node, 4, 160);
  TypeId outer = heap.structure("main.outer", 168, {{"nodes", array, 8, PartRole::kField}});
  TypeId entries = heap.structure(
      "map (entries)", 56,
      {{"slots", heap.node, 8, PartRole::kInternal}, {"elem", heap.bytes, 48, PartRole::kValue}});
  TypeId closure = heap.structure("func f", 16, {{"x", heap.node_pointer, 8, PartRole::kCapture}});
  const snapshot::TypeTable& types = heap.snapshot().types;
  EXPECT_EQ(describe_reference(types, heap.node, 0), ".next");
  EXPECT_EQ(describe_reference(types, heap.node, 40), ".next");  // the second of an array
  EXPECT_EQ(describe_reference(types, heap.node, 16), ".data[...]");
  EXPECT_EQ(describe_reference(types, outer, 8 + 80 + 16), ".nodes[...].data[...]");
  EXPECT_EQ(describe_reference(types, entries, 8), ".next");
  EXPECT_EQ(describe_reference(types, entries, 48), "[value][...]");
  EXPECT_EQ(describe_reference(types, closure, 8), "{x}");
  EXPECT_EQ(describe_reference(types, TypeId{}, 8), "");
  std::vector<PathStep> steps = reference_steps(types, heap.node, 16);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0], (PathStep{StepKind::kField, "data", heap.bytes}));
  EXPECT_EQ(steps[1], (PathStep{StepKind::kElement, "", heap.byte}));
}

}  // namespace
}  // namespace seep::graph
