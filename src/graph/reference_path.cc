#include "graph/reference_path.h"

#include <algorithm>
#include <optional>

namespace seep::graph {

using snapshot::Field;
using snapshot::GoType;
using snapshot::ObjectId;
using snapshot::PartRole;
using snapshot::TypeId;
using snapshot::TypeKind;
using snapshot::TypeTable;

namespace {

constexpr int kDeepestValue = 64;  // what claims to nest deeper is damaged

std::optional<StepKind> step_kind(PartRole role) {
  switch (role) {
    case PartRole::kField:
      return StepKind::kField;
    case PartRole::kElement:
      return StepKind::kElement;
    case PartRole::kKey:
      return StepKind::kKey;
    case PartRole::kValue:
      return StepKind::kValue;
    case PartRole::kCapture:
      return StepKind::kCapture;
    case PartRole::kInternal:
      return std::nullopt;
  }
  return std::nullopt;
}

void add_step(std::vector<PathStep>& steps, PartRole role, const std::string& name, TypeId type) {
  std::optional<StepKind> kind = step_kind(role);
  if (!kind) return;
  bool named = *kind == StepKind::kField || *kind == StepKind::kCapture;
  steps.push_back({*kind, named ? name : std::string(), type});
}

}  // namespace

std::vector<PathStep> reference_steps(const TypeTable& types, TypeId source, std::uint64_t offset) {
  std::vector<PathStep> steps;
  std::uint64_t size = types[source].size;
  if (size == 0) return steps;
  offset %= size;
  TypeId type = source;
  for (int depth = 0; depth < kDeepestValue; ++depth) {
    const GoType& value = types[type];
    if (value.kind == TypeKind::kStruct) {
      auto after = std::ranges::upper_bound(value.fields, offset, {}, &Field::offset);
      if (after == value.fields.begin()) break;
      const Field& field = *std::prev(after);
      add_step(steps, field.role, field.name, field.type);
      offset -= field.offset;
      type = field.type;
    } else if (value.kind == TypeKind::kArray && types[value.element].size != 0) {
      add_step(steps, value.element_role, {}, value.element);
      offset %= types[value.element].size;
      type = value.element;
    } else {
      if (value.kind == TypeKind::kSlice) add_step(steps, value.element_role, {}, value.referent);
      break;
    }
  }
  return steps;
}

std::string to_text(const PathStep& step) {
  switch (step.kind) {
    case StepKind::kField:
      return "." + step.name;
    case StepKind::kElement:
      return "[...]";
    case StepKind::kKey:
      return "[key]";
    case StepKind::kValue:
      return "[value]";
    case StepKind::kCapture:
      return "{" + step.name + "}";
  }
  return {};
}

std::string describe_reference(const TypeTable& types, TypeId source, std::uint64_t offset) {
  std::string text;
  for (const PathStep& step : reference_steps(types, source, offset)) text += to_text(step);
  return text;
}

std::string object_type_name(const TypeTable& types, const TypeAssignment& assignment,
                             ObjectId id) {
  TypeId type = assignment.of(id);
  if (type.is_none()) return "?";
  const GoType& known = types[type];
  bool array = id.value < assignment.arrays.size() && assignment.arrays.test(id.value);
  return array && !known.synthetic ? "[]" + known.name : known.name;
}

}  // namespace seep::graph
