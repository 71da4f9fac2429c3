#include "support/notation_types.h"

#include <algorithm>
#include <array>
#include <utility>

#include "support/notation_words.h"

namespace seep::test {

using snapshot::Field;
using snapshot::GoType;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

constexpr std::array<std::pair<std::string_view, unsigned>, 18> kScalars = {{
    {"bool", 1},
    {"byte", 1},
    {"uint8", 1},
    {"int8", 1},
    {"uint16", 2},
    {"int16", 2},
    {"uint32", 4},
    {"int32", 4},
    {"rune", 4},
    {"float32", 4},
    {"uint64", 8},
    {"int64", 8},
    {"float64", 8},
    {"int", 8},
    {"uint", 8},
    {"uintptr", 8},
    {"complex64", 8},
    {"complex128", 16},
}};

bool is_channel(std::string_view name) {
  return name.starts_with("chan ") || name.starts_with("chan<- ") || name.starts_with("<-chan ");
}

// Where the bracket that is open before `from` closes.
std::size_t closing_bracket(std::string_view text, std::size_t from) {
  int depth = 1;
  for (std::size_t i = from; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']' && --depth == 0) return i;
  }
  return text.size();
}

}  // namespace

TypeId NotationTypes::add(std::string_view name, TypeKind kind, std::uint64_t size) {
  GoType type;
  type.name = name;
  type.kind = kind;
  type.size = size;
  TypeId id = table_.add(std::move(type));
  values_.emplace(name, id);
  return id;
}

TypeId NotationTypes::value(std::string_view name) {
  if (name.empty() || name == "?") return {};
  auto found = values_.find(name);
  if (found != values_.end()) return found->second;
  for (const auto& [scalar, size] : kScalars)
    if (name == scalar) return add(name, TypeKind::kScalar, size);
  if (name == "any" || name == "error" || name.starts_with("interface "))
    return add(name, TypeKind::kInterface, 16);
  if (name == "unsafe.Pointer") return add(name, TypeKind::kUnsafePointer, 8);
  return add_composite(name);
}

TypeId NotationTypes::add_composite(std::string_view name) {
  // The id is given out before the parts are looked up: they may refer back to it.
  if (name.starts_with("*")) {
    TypeId id = add(name, TypeKind::kPointer, 8);
    TypeId referent = value(name.substr(1));
    table_.at(id).referent = referent;
    return id;
  }
  if (name.starts_with("[]")) {
    TypeId id = add(name, TypeKind::kSlice, 24);
    TypeId element = value(name.substr(2));
    table_.at(id).referent = element;
    return id;
  }
  if (name == "string" || name.starts_with("func") || is_channel(name)) {
    TypeKind kind = name == "string"   ? TypeKind::kString
                    : is_channel(name) ? TypeKind::kChan
                                       : TypeKind::kFunc;
    TypeId id = add(name, kind, name == "string" ? 16 : 8);
    TypeId header = object(name);
    if (kind != TypeKind::kFunc) table_.at(id).referent = header;
    return id;
  }
  if (name.starts_with("map[") && closing_bracket(name, 4) + 1 < name.size()) {
    std::size_t close = closing_bracket(name, 4);
    TypeId id = add(name, TypeKind::kMap, 8);
    TypeId key = value(name.substr(4, close - 4));
    TypeId element = value(name.substr(close + 1));
    TypeId header = object(name);
    table_.at(id).key = key;
    table_.at(id).element = element;
    table_.at(id).referent = header;
    return id;
  }
  if (name.starts_with("[")) {
    std::size_t close = closing_bracket(name, 1);
    std::optional<std::uint64_t> length = parse_number(name.substr(1, close - 1));
    if (length && close + 1 < name.size()) {
      TypeId id = add(name, TypeKind::kArray, 0);
      TypeId element = value(name.substr(close + 1));
      table_.at(id).element = element;
      table_.at(id).length = *length;
      table_.at(id).size = *length * table_[element].size;
      return id;
    }
  }
  return add(name, TypeKind::kStruct, 0);
}

TypeId NotationTypes::object(std::string_view name) {
  if (name.starts_with("[]")) return value(name.substr(2));
  bool map = name.starts_with("map[") && closing_bracket(name, 4) + 1 < name.size();
  if (name != "string" && !name.starts_with("func") && !is_channel(name) && !map)
    return value(name);
  auto found = headers_.find(name);
  if (found != headers_.end()) return found->second;
  GoType header;
  header.name = name;
  header.kind = name == "string" ? TypeKind::kScalar : TypeKind::kStruct;
  header.size = name == "string" ? 1 : 0;
  header.synthetic = true;
  TypeId id = table_.add(std::move(header));
  headers_.emplace(name, id);
  return id;
}

TypeId NotationTypes::reference_to(std::string_view name) {
  if (name.empty() || name == "?") return value("unsafe.Pointer");
  if (object(name) != value(name)) return value(name);
  return value("*" + std::string(name));
}

void NotationTypes::size_from_object(TypeId type, std::uint64_t bytes) {
  if (type && table_[type].kind == TypeKind::kStruct && table_[type].size == 0)
    table_.at(type).size = bytes;
}

Result<void> NotationTypes::declare(std::string_view text) {
  std::size_t open = text.find('{');
  std::size_t close = text.rfind('}');
  std::string_view head = trimmed(text.substr(0, open));
  std::size_t bracket = head.rfind('[');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open ||
      bracket == std::string_view::npos || !head.ends_with("]")) {
    return fail(ErrorKind::kInvalidArgument, "expected NAME[BYTES] { field TYPE @OFFSET; ... }");
  }
  std::optional<std::uint64_t> bytes =
      parse_number(head.substr(bracket + 1, head.size() - bracket - 2));
  if (!bytes) return fail(ErrorKind::kInvalidArgument, "the size of the type is not a number");
  TypeId id = value(trimmed(head.substr(0, bracket)));
  if (table_[id].kind != TypeKind::kStruct)
    return fail(ErrorKind::kInvalidArgument, "only structs are declared");
  std::vector<Field> fields;
  for (std::string_view line :
       split_outside_brackets(text.substr(open + 1, close - open - 1), ';')) {
    std::size_t space = line.find(' ');
    std::size_t at = line.rfind('@');
    std::optional<std::uint64_t> offset =
        at == std::string_view::npos ? std::nullopt : parse_number(line.substr(at + 1));
    if (!offset || space == std::string_view::npos || space > at)
      return fail(ErrorKind::kInvalidArgument, "a field is: name TYPE @OFFSET");
    Field field;
    field.name = line.substr(0, space);
    field.type = value(trimmed(line.substr(space, at - space)));
    field.offset = *offset;
    fields.push_back(std::move(field));
  }
  table_.at(id).size = *bytes;
  table_.at(id).fields = std::move(fields);
  declared_.insert(id);
  return {};
}

Result<NotationTypes::Part> NotationTypes::field(TypeId type, std::string_view name,
                                                 TypeId wanted) {
  for (const Field& field : table_[type].fields)
    if (field.name == name) return Part{field.type, field.offset};
  if (table_[type].kind != TypeKind::kStruct || declared_.contains(type) || !wanted) {
    return fail(ErrorKind::kInvalidArgument,
                "type " + table_[type].name + " has no field " + std::string(name));
  }
  GoType& owner = table_.at(type);
  Field field;
  field.name = name;
  field.type = wanted;
  if (!owner.fields.empty()) {
    const Field& last = owner.fields.back();
    std::uint64_t last_bytes = table_[last.type].size;
    field.offset = last.offset + (last_bytes + 7) / 8 * 8;
  }
  owner.fields.push_back(field);
  return Part{field.type, field.offset};
}

void NotationTypes::finish() {
  for (std::uint32_t i = 1; i < table_.size(); ++i) finish(TypeId{i}, 0);
}

void NotationTypes::finish(TypeId id, unsigned depth) {
  if (!id || depth > 20) return;
  GoType& type = table_.at(id);
  switch (type.kind) {
    case TypeKind::kArray:
      finish(type.element, depth + 1);
      type.size = type.length * table_[type.element].size;
      type.pointer_bytes = table_[type.element].pointer_bytes == 0 ? 0 : type.size;
      break;
    case TypeKind::kStruct:
      for (const Field& field : type.fields) {
        finish(field.type, depth + 1);
        std::uint64_t pointers = table_[field.type].pointer_bytes;
        if (pointers != 0)
          type.pointer_bytes = std::max(type.pointer_bytes, field.offset + pointers);
      }
      break;
    case TypeKind::kInterface:
      type.pointer_bytes = 16;
      break;
    case TypeKind::kScalar:
    case TypeKind::kUnknown:
      break;
    default:
      type.pointer_bytes = 8;
  }
}

}  // namespace seep::test
