#include "graph/type_parts.h"

#include <algorithm>
#include <unordered_set>

namespace seep::graph {

using snapshot::Field;
using snapshot::GoType;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

constexpr std::size_t kMostParts = 4096;  // what has more is damaged, or of no use here

}  // namespace

const std::vector<std::uint32_t>& TypeParts::at_start(TypeId type) {
  return collect(at_start_, type, true);
}

const std::vector<std::uint32_t>& TypeParts::anywhere(TypeId type) {
  return collect(anywhere_, type, false);
}

const std::vector<std::uint32_t>& TypeParts::collect(Lists& known, TypeId type, bool at_start) {
  auto [place, is_new] = known.try_emplace(type.value);
  std::vector<std::uint32_t>& list = place->second;
  if (!is_new) return list;
  std::unordered_set<std::uint32_t> seen{type.value};
  list.push_back(type.value);
  for (std::size_t i = 0; i < list.size() && list.size() < kMostParts; ++i) {
    const GoType& whole = types_[TypeId{list[i]}];
    auto add = [&](TypeId part) {
      if (!part.is_none() && seen.insert(part.value).second) list.push_back(part.value);
    };
    if (whole.kind == TypeKind::kArray) add(whole.element);
    if (whole.kind != TypeKind::kStruct) continue;
    for (const Field& field : whole.fields) {
      if (at_start && field.offset != 0) break;
      add(field.type);
    }
  }
  std::ranges::sort(list);
  return list;
}

std::vector<std::uint32_t> TypeParts::rows(TypeId type,
                                           const std::vector<std::uint32_t>& parts) const {
  std::vector<std::uint32_t> made{type.value};
  for (std::uint32_t part : parts) {
    const GoType& known = types_[TypeId{part}];
    if (known.kind == TypeKind::kArray) made.push_back(known.element.value);
  }
  return made;
}

}  // namespace seep::graph
