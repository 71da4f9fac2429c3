#include "graph/pointer_slots.h"

#include <algorithm>

namespace seep::graph {

using snapshot::Field;
using snapshot::GoType;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

constexpr int kDeepestValue = 64;  // what claims to nest deeper is damaged

/// Where the pointer word of a type that has exactly one lies; none for others.
bool is_pointer_word(TypeKind kind, std::uint64_t offset) {
  switch (kind) {
    case TypeKind::kString:
    case TypeKind::kSlice:
    case TypeKind::kPointer:
    case TypeKind::kUnsafePointer:
    case TypeKind::kMap:
    case TypeKind::kChan:
    case TypeKind::kFunc:
      return offset == 0;
    case TypeKind::kInterface:
      return offset == 8;
    default:
      return false;
  }
}

const Field* field_at(const std::vector<Field>& fields, std::uint64_t offset) {
  auto after = std::ranges::upper_bound(fields, offset, {}, &Field::offset);
  return after == fields.begin() ? nullptr : &*std::prev(after);
}

}  // namespace

TypeId pointer_slot_in(const snapshot::TypeTable& types, TypeId type, std::uint64_t offset) {
  for (int depth = 0; depth < kDeepestValue; ++depth) {
    const GoType& value = types[type];
    if (offset >= value.size) return {};
    if (value.kind == TypeKind::kStruct) {
      const Field* field = field_at(value.fields, offset);
      if (field == nullptr) return {};
      offset -= field->offset;
      type = field->type;
    } else if (value.kind == TypeKind::kArray) {
      std::uint64_t stride = types[value.element].size;
      if (stride == 0) return {};
      offset %= stride;
      type = value.element;
    } else {
      // Pointers to what the runtime keeps outside the heap are plain numbers to the collector.
      bool pointer = is_pointer_word(value.kind, offset) && value.pointer_bytes != 0;
      return pointer ? type : TypeId{};
    }
  }
  return {};
}

PointerSlots::PointerSlots(const snapshot::TypeTable& types)
    : types_(types), layouts_(types.size()) {}

void PointerSlots::make(TypeId type, Layout& layout) {
  layout.made = true;
  const GoType& value = types_[type];
  if (value.size == 0 || value.size > kLargestTable) return;
  layout.words = static_cast<std::uint32_t>((value.size + 7) / 8);
  layout.first = words_.size();
  for (std::uint64_t offset = 0; offset < value.size; offset += 8) {
    bool may_point = offset < value.pointer_bytes;
    words_.push_back(may_point ? pointer_slot_in(types_, type, offset).value : 0);
  }
}

TypeId PointerSlots::at_large(TypeId type, std::uint64_t offset) const {
  std::uint64_t size = types_[type].size;
  return size == 0 ? TypeId{} : pointer_slot_in(types_, type, offset % size);
}

}  // namespace seep::graph
