// What stays without a type, for those who want it to be less. Header only, because only programs
// that link graph/ can use it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "graph/pointer_slots.h"
#include "graph/reference_path.h"
#include "graph/type_inference.h"
#include "snapshot/snapshot.h"

namespace seep::test {

/// Objects that have no type, grouped by how large they are and what points to them.
struct UntypedGroup {
  std::uint64_t slot_bytes = 0;
  bool pointer_free = false;
  /// The best that is known of those who point there: "main.Node.next *main.Node", "global
  /// main.cache", "?" if they have no type either, "nothing".
  std::string referrer;
  bool interior = false;  ///< that reference leads to the middle of the object
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  snapshot::ObjectId example;
};

/// Who points to an object: the best of all that do.
struct Referrer {
  std::uint32_t source = 0;  ///< object or, with `root`, index of a root's reference plus 1
  std::uint32_t offset_words = 0;
  bool root = false;
  bool interior = false;
  std::uint8_t rank = 0;
};

inline std::string root_name_of(const snapshot::Snapshot& snapshot, std::uint32_t reference) {
  for (const snapshot::GcRoot& root : snapshot.roots.roots) {
    if (reference < root.first_reference ||
        reference - root.first_reference >= root.reference_count) {
      continue;
    }
    const snapshot::RootReference& found = snapshot.roots.references[reference];
    std::string name = snapshot.strings.text(root.name ? root.name : found.name);
    return "root " + std::to_string(static_cast<int>(root.kind)) + " " + name + " of type " +
           snapshot.types[found.type].name + " +" + std::to_string(found.offset);
  }
  return "root";
}

inline std::string referrer_name(const snapshot::Snapshot& snapshot,
                                 const graph::TypeAssignment& assignment, const Referrer& from) {
  if (from.source == 0) return "nothing";
  if (from.root) return root_name_of(snapshot, from.source - 1);
  snapshot::ObjectId source{from.source};
  snapshot::TypeId type = assignment.of(source);
  if (type.is_none()) return "?";
  std::uint64_t offset = std::uint64_t{from.offset_words} * 8;
  std::uint64_t size = snapshot.types[type].size;
  snapshot::TypeId slot =
      graph::pointer_slot_in(snapshot.types, type, size == 0 ? offset : offset % size);
  return graph::object_type_name(snapshot.types, assignment, source) + " " +
         graph::describe_reference(snapshot.types, type, offset) + " " + snapshot.types[slot].name;
}

/// By falling bytes. Looks at every reference.
inline std::vector<UntypedGroup> untyped_groups(const snapshot::Snapshot& snapshot,
                                                const graph::TypeAssignment& assignment) {
  const snapshot::Heap& heap = snapshot.heap;
  std::vector<Referrer> referrers(std::size_t{heap.slot_count} + 1);
  auto note = [&](snapshot::ObjectId target, Referrer from) {
    if (target.value >= referrers.size() || assignment.of(target)) return;
    if (from.rank > referrers[target.value].rank) referrers[target.value] = from;
  };
  for (std::uint32_t i = 0; i < snapshot.roots.references.size(); ++i) {
    const snapshot::RootReference& reference = snapshot.roots.references[i];
    std::uint8_t rank = static_cast<std::uint8_t>(4 + (reference.interior ? 0 : 1));
    note(reference.target, {i + 1, 0, true, reference.interior, rank});
  }
  for (std::uint32_t id = 1; id <= heap.slot_count; ++id) {
    std::uint8_t known = assignment.of(snapshot::ObjectId{id}) ? 3 : 1;
    heap.for_each_reference(snapshot::ObjectId{id}, [&](const snapshot::Reference& to) {
      std::uint8_t rank = static_cast<std::uint8_t>(known + (to.interior ? 0 : 2));
      note(to.target, {id, static_cast<std::uint32_t>(to.offset / 8), false, to.interior, rank});
    });
  }

  std::map<std::tuple<std::uint64_t, bool, std::string, bool>, UntypedGroup> groups;
  for (const snapshot::Span& span : heap.spans) {
    for (std::uint32_t i = 0; i < span.slot_count; ++i) {
      snapshot::ObjectId id{span.first.value + i};
      if (!heap.is_object(id) || assignment.of(id)) continue;
      const Referrer& from = referrers[id.value];
      std::string name = referrer_name(snapshot, assignment, from);
      UntypedGroup& group = groups[{span.slot_bytes, span.pointer_free, name, from.interior}];
      if (group.objects == 0) group.example = id;
      group.slot_bytes = span.slot_bytes;
      group.pointer_free = span.pointer_free;
      group.referrer = name;
      group.interior = from.interior;
      ++group.objects;
      group.bytes += span.slot_bytes;
    }
  }
  std::vector<UntypedGroup> sorted;
  for (auto& [key, group] : groups) sorted.push_back(std::move(group));
  std::ranges::stable_sort(sorted, std::greater<>(), &UntypedGroup::bytes);
  return sorted;
}

}  // namespace seep::test
