#include "graph/pointer_leads.h"

#include <algorithm>

namespace seep::graph {

using snapshot::GoType;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::TypeTable;

namespace {

PointerLead lead_of(const TypeTable& types, const GoType& type) {
  PointerLead lead;
  switch (type.kind) {
    case TypeKind::kString:
      lead.bytes = true;
      return lead;
    case TypeKind::kFunc:
      lead.closure = true;
      return lead;
    case TypeKind::kPointer:
    case TypeKind::kSlice:
    case TypeKind::kMap:
    case TypeKind::kChan:
      break;
    default:
      lead.anything = true;
      return lead;
  }
  for (TypeId target : {type.referent, type.referent_if_first_word_is_pointer,
                        type.referent_if_other_size, type.referent_if_interior}) {
    if (!target.is_none()) lead.targets[lead.count++] = target.value;
  }
  lead.row = type.kind == TypeKind::kSlice;
  lead.channel = type.kind == TypeKind::kChan;
  // Of a type without a layout nothing follows.
  const GoType& referent = types[type.referent];
  bool known = !type.referent.is_none() && referent.kind != TypeKind::kUnknown;
  if (!known) {
    lead = {};
    lead.anything = true;
  }
  return lead;
}

}  // namespace

PointerLeads::PointerLeads(const TypeTable& types) : types_(types) {
  leads_.reserve(types.size());
  for (std::uint32_t i = 0; i < types.size(); ++i) {
    leads_.push_back(lead_of(types, types[TypeId{i}]));
  }
}

bool PointerLeads::fits_pointer_free(const PointerLead& lead, std::uint64_t bytes) const {
  if (lead.anything || lead.bytes) return true;
  if (lead.closure) return bytes >= 8;
  return std::any_of(lead.targets.begin(), lead.targets.begin() + lead.count,
                     [&](std::uint32_t target) {
                       const GoType& type = types_[TypeId{target}];
                       // A channel without a buffer, or whose elements have no pointers, has none
                       // that count.
                       bool free = type.pointer_bytes == 0 || lead.channel;
                       return free && type.size <= bytes;
                     });
}

}  // namespace seep::graph
