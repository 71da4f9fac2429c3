#include "goruntime/types/type_reader.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "goruntime/code/function_name.h"

namespace seep::goruntime {

using snapshot::Field;
using snapshot::GoType;
using snapshot::PartRole;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

TypeKind kind_of(DescriptorKind kind) {
  switch (kind) {
    case DescriptorKind::kInvalid:
      return TypeKind::kUnknown;
    case DescriptorKind::kArray:
      return TypeKind::kArray;
    case DescriptorKind::kChan:
      return TypeKind::kChan;
    case DescriptorKind::kFunc:
      return TypeKind::kFunc;
    case DescriptorKind::kInterface:
      return TypeKind::kInterface;
    case DescriptorKind::kMap:
      return TypeKind::kMap;
    case DescriptorKind::kPointer:
      return TypeKind::kPointer;
    case DescriptorKind::kSlice:
      return TypeKind::kSlice;
    case DescriptorKind::kString:
      return TypeKind::kString;
    case DescriptorKind::kStruct:
      return TypeKind::kStruct;
    case DescriptorKind::kUnsafePointer:
      return TypeKind::kUnsafePointer;
    default:
      return TypeKind::kScalar;
  }
}

// reflect's String() names a package by its last element only, except inside the brackets of
// generic types; debug information has full import paths everywhere.
std::string with_short_packages(std::string_view name) {
  std::string made;
  std::size_t part = 0;  // where in `made` the identifier that is being copied begins
  int depth = 0;
  for (char c : name) {
    if (c == '/' && depth == 0) {
      made.resize(part);
      continue;
    }
    made.push_back(c);
    if (c == '[' && made.size() > 1 && std::isalnum(static_cast<unsigned char>(made.end()[-2]))) {
      ++depth;
    } else if (c == ']' && depth > 0) {
      --depth;
    }
    bool in_path =
        std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.' || c == '-' || c == '~';
    if (!in_path) part = made.size();
  }
  return made;
}

bool is_closure_layout(const GoType& type) {
  if (type.kind != TypeKind::kStruct || !type.name.starts_with("struct {")) return false;
  return !type.fields.empty() && type.fields.front().name == "F" &&
         type.fields.front().offset == 0 && type.fields.size() > 1;
}

// "net/http.Request" is in package net/http; composite types are in none.
std::string package_of(std::string_view name) {
  if (name.find_first_of("*[] {(") < name.find('.')) return {};
  std::string_view plain = name.substr(0, name.find('['));
  std::size_t slash = plain.rfind('/');
  std::size_t dot = plain.find('.', slash == std::string_view::npos ? 0 : slash);
  return dot == std::string_view::npos ? std::string() : std::string(plain.substr(0, dot));
}

}  // namespace

TypeReader::TypeReader(TypeSources sources, snapshot::TypeTable& table, Diagnostics& diagnostics)
    : sources_(std::move(sources)),
      table_(table),
      diagnostics_(diagnostics),
      descriptors_(*sources_.memory, *sources_.modules,
                   {sources_.layout->map_type_bytes, sources_.layout->wide_name_lengths,
                    sources_.layout->shifted_field_offsets}),
      containers_(table, *sources_.layout,
                  [this](std::string_view name) { return reserve_struct(name); }) {
  // Read before any type that needs them is completed.
  for (const char* name :
       {"time.Timer", "runtime.timer", "runtime.sudog", "runtime.mapextra", "sync.poolLocal"}) {
    reserve_struct(name);
  }
  drain();
}

TypeId TypeReader::type_at(Address descriptor) {
  TypeId id = reserve_at(descriptor);
  drain();
  return id;
}

TypeId TypeReader::from_dwarf(dwarf::TypeRef ref) {
  TypeId id = reserve_dwarf(ref);
  drain();
  return id;
}

TypeId TypeReader::of_variable(const dwarf::Variable& variable) {
  return from_dwarf(variable.type);
}

TypeId TypeReader::struct_named(std::string_view name) {
  TypeId id = reserve_struct(name);
  drain();
  return id;
}

TypeId TypeReader::boxed(Address word) {
  auto known = by_interface_word_.find(word.value());
  if (known != by_interface_word_.end()) return known->second;
  Address descriptor = descriptors_.descriptor_of_interface_word(word);
  TypeId id = descriptor.is_null() ? TypeId{} : type_at(descriptor);
  if (id) {
    // Types that are one pointer word lie in the interface themselves: internal/abi/type.go,
    // TFlagDirectIface. A struct or array of one such word is the same.
    TypeId with_rest = table_[id].referent_if_other_size;
    bool direct = table_[id].size == 8 && table_[id].pointer_bytes == 8;
    for (int depth = 0; direct && depth < 16; ++depth) {
      const GoType& type = table_[id];
      bool nested = type.kind == TypeKind::kStruct || type.kind == TypeKind::kArray;
      if (!nested) {
        id = with_rest ? with_rest : type.referent;
        break;
      }
      TypeId inner = type.element;
      for (const Field& field : type.fields) {
        if (table_[field.type].size == 8) inner = field.type;
      }
      id = inner;
    }
  }
  by_interface_word_.emplace(word.value(), id);
  return id;
}

TypeId TypeReader::closure(Address entry) {
  auto known = by_closure_.find(entry.value());
  if (known != by_closure_.end()) return known->second;
  std::string function = sources_.function_name ? sources_.function_name(entry) : std::string();
  TypeId id;
  if (!function.empty()) {
    GoType type;
    type.name = "func " + printed_function_name(function);
    type.synthetic = true;
    add_captures(type, entry);
    if (type.fields.empty()) add_receiver(type, function);
    if (!type.fields.empty()) type.kind = TypeKind::kStruct;
    type.pointer_bytes = type.size;
    id = add(std::move(type));
  }
  by_closure_.emplace(entry.value(), id);
  return id;
}

TypeId TypeReader::channel_of(Address element_descriptor) {
  TypeId element = type_at(element_descriptor);
  if (element.is_none()) return {};
  if (!channels_.contains(element.value)) {
    GoType channel;
    channel.name = "chan " + table_[element].name;
    channel.kind = TypeKind::kChan;
    channel.size = channel.pointer_bytes = 8;
    channel.element = element;
    TypeId id = add(GoType{});
    if (id.is_none()) return {};
    finish(id, std::move(channel), {});
    drain();
  }
  return table_[channels_[element.value]].referent;
}

void TypeReader::add_captures(GoType& closure, Address entry) {
  if (sources_.dwarf == nullptr) return;
  for (const dwarf::CapturedVariable& captured :
       sources_.dwarf->closure_variables(entry - sources_.slide)) {
    std::uint64_t end = captured.offset + captured.bytes;
    if (end < captured.offset || end > DescriptorReader::kMaxTypeBytes) continue;
    closure.size = std::max(closure.size, (end + 7) / 8 * 8);
    // What a go or defer statement calls is wrapped: its arguments have the compiler's names.
    bool nameless = captured.name.starts_with(".autotmp");
    closure.fields.push_back({nameless ? "argument" : captured.name, from_dwarf(captured.type),
                              captured.offset, PartRole::kCapture});
  }
  std::ranges::stable_sort(closure.fields, {}, &Field::offset);
}

// The compiler's own type of a closure (cmd/compile/internal/closure, closureType): the address of
// the code, then what it captures, in older releases under the names of the variables.
void TypeReader::know_captures(Address entry, Address descriptor) {
  auto known = by_closure_.find(entry.value());
  if (known == by_closure_.end() || known->second.is_none() || descriptor.is_null()) return;
  if (!table_[known->second].fields.empty()) return;
  GoType layout = table_[type_at(descriptor)];
  if (!is_closure_layout(layout)) return;
  GoType& closure = table_.at(known->second);
  closure.kind = TypeKind::kStruct;
  closure.size = closure.pointer_bytes = layout.size;
  for (const Field& field : layout.fields) {
    if (field.offset == 0) continue;
    std::string name = field.name == "R" ? "receiver" : field.name;
    bool nameless = name.size() > 1 && name.front() == 'X' &&
                    name.find_first_not_of("0123456789", 1) == name.npos;
    closure.fields.push_back(
        {nameless ? "captured" : name, field.type, field.offset, PartRole::kCapture});
  }
}

// A method value, "main.(*T).m-fm": the function it calls, then the receiver
// (cmd/compile/internal/typecheck/func.go, MethodValueWrapper). Debug information has no variable
// for it, but the name says its type.
void TypeReader::add_receiver(GoType& closure, std::string_view function) {
  constexpr std::uint64_t kReceiverAt = 8;
  if (!function.ends_with("-fm")) return;
  std::size_t method = function.rfind('.');
  if (method == function.npos) return;
  std::string name(function.substr(0, method));
  std::size_t open = name.find(".(*");
  bool by_pointer = open != name.npos && name.ends_with(')');
  if (by_pointer) name = name.substr(0, open + 1) + name.substr(open + 3, name.size() - open - 4);
  TypeId receiver = struct_named(name);
  if (receiver.is_none()) return;
  TypeId held = by_pointer ? containers_.pointer_to(receiver) : receiver;
  closure.size = kReceiverAt + (table_[held].size + 7) / 8 * 8;
  closure.fields.push_back({"receiver", held, kReceiverAt, PartRole::kCapture});
}

TypeId TypeReader::add(GoType type) {
  if (table_.size() >= kMaxTypes) {
    diagnostics_.count("types beyond the bound on their number");
    return {};
  }
  return table_.add(std::move(type));
}

TypeId TypeReader::reserve_at(Address descriptor) {
  if (descriptor.is_null()) return {};
  auto [known, is_new] = by_descriptor_.try_emplace(descriptor.value());
  if (!is_new) return known->second;
  std::optional<TypeDescriptor> type = descriptors_.read(descriptor);
  if (!type) {
    diagnostics_.count("type descriptors not readable");
    return {};
  }
  TypeId id = add(GoType{});
  by_descriptor_[descriptor.value()] = id;
  if (id) pending_descriptors_.push_back({id, *std::move(type)});
  return id;
}

// An offset from where types begin. Until Go 1.22 the linker wrote the linked address for the few
// types that it describes itself (cmd/link/internal/ld/dwarf.go, mkBuiltinType).
Address TypeReader::descriptor_of(std::uint64_t runtime_type) const {
  const AddressRange& types = sources_.modules->front().types;
  Address address = Address(runtime_type) + sources_.slide;
  return types.contains(address) ? address : types.begin + runtime_type;
}

TypeId TypeReader::reserve_dwarf(dwarf::TypeRef ref) {
  if (ref.is_none() || sources_.dwarf == nullptr) return {};
  auto [known, is_new] = by_dwarf_.try_emplace(ref.value);
  if (!is_new) return known->second;
  dwarf::Type type = sources_.dwarf->type(ref);
  TypeId id;
  if (type.runtime_type && !sources_.modules->empty()) {
    id = reserve_at(descriptor_of(*type.runtime_type));
  }
  if (id.is_none() && type.kind != TypeKind::kUnknown) {
    id = add(GoType{});
    if (id) pending_dwarf_.push_back({id, ref});
  }
  by_dwarf_[ref.value] = id;
  return id;
}

TypeId TypeReader::reserve_struct(std::string_view name) {
  if (sources_.dwarf != nullptr) {
    TypeId id = reserve_dwarf(sources_.dwarf->find_struct(name));
    if (id) return id;
  }
  return reserve_at(descriptors_.find_struct(with_short_packages(name), package_of(name)));
}

void TypeReader::drain() {
  while (true) {
    if (!pending_descriptors_.empty()) {
      Pending<TypeDescriptor> next = std::move(pending_descriptors_.back());
      pending_descriptors_.pop_back();
      fill(next.type, next.source);
    } else if (!pending_dwarf_.empty()) {
      Pending<dwarf::TypeRef> next = pending_dwarf_.back();
      pending_dwarf_.pop_back();
      fill(next.type, sources_.dwarf->type(next.source));
    } else if (!unmeasured_.empty()) {
      measure(std::exchange(unmeasured_, {}));
    } else if (!pending_containers_.empty()) {
      Pending<TypeId> next = pending_containers_.back();
      pending_containers_.pop_back();
      containers_.complete(next.type, next.source);
    } else {
      break;
    }
  }
  name_nameless();
}

void TypeReader::fill(TypeId id, const TypeDescriptor& descriptor) {
  GoType type;
  type.name = descriptor.name;
  type.package_path = descriptor.package_path;
  type.kind = kind_of(descriptor.kind);
  type.size = descriptor.size;
  type.pointer_bytes = descriptor.pointer_bytes;
  TypeId element = reserve_at(descriptor.element);
  TypeId group;
  switch (descriptor.kind) {
    case DescriptorKind::kArray:
      type.element = element;
      type.length = descriptor.length;
      break;
    case DescriptorKind::kChan:
      type.element = element;
      break;
    case DescriptorKind::kMap:
      type.element = element;
      type.key = reserve_at(descriptor.key);
      group = reserve_at(descriptor.group);
      break;
    case DescriptorKind::kPointer:
    case DescriptorKind::kSlice:
      type.referent = element;
      break;
    case DescriptorKind::kString:
      type.referent = containers_.string_bytes();
      break;
    case DescriptorKind::kFunc:
      type.referent = containers_.any_closure(type.name);
      break;
    case DescriptorKind::kStruct:
      for (const DescriptorField& field : descriptor.fields) {
        type.fields.push_back({field.name, reserve_at(field.type), field.offset, PartRole::kField});
      }
      break;
    default:
      break;
  }
  finish(id, std::move(type), group);
}

void TypeReader::fill(TypeId id, const dwarf::Type& source) {
  GoType type;
  type.name = with_short_packages(source.name);
  type.package_path = package_of(source.name);
  type.kind = source.kind;
  type.size = std::min(source.bytes, DescriptorReader::kMaxTypeBytes);
  fill_parts(id, type, source);
  finish(id, std::move(type), source.kind == TypeKind::kMap ? group_of(source) : TypeId{});
}

void TypeReader::fill_parts(TypeId id, GoType& type, const dwarf::Type& source) {
  type.pointer_bytes = type.kind == TypeKind::kScalar ? 0 : type.size;
  bool composite = type.kind == TypeKind::kStruct || type.kind == TypeKind::kArray;
  if (composite) unmeasured_.push_back(id);
  switch (type.kind) {
    case TypeKind::kArray:
      type.element = reserve_dwarf(source.element);
      type.length = source.length;
      break;
    case TypeKind::kChan:
      type.element = reserve_dwarf(source.element);
      break;
    case TypeKind::kMap:
      type.element = reserve_dwarf(source.element);
      type.key = reserve_dwarf(source.key);
      break;
    case TypeKind::kPointer:
    case TypeKind::kSlice:
      type.referent = reserve_dwarf(source.element);
      break;
    case TypeKind::kString:
      type.referent = containers_.string_bytes();
      break;
    case TypeKind::kFunc:
      type.referent = containers_.any_closure(type.name);
      break;
    case TypeKind::kStruct:
      for (const dwarf::TypeField& field : source.fields) {
        if (field.offset > type.size) continue;
        type.fields.push_back(
            {field.name, reserve_dwarf(field.type), field.offset, PartRole::kField});
      }
      std::ranges::stable_sort(type.fields, {}, &Field::offset);
      break;
    default:
      break;
  }
}

// Debug information does not say how much of a struct or an array can hold pointers. A part is
// smaller than the whole (or as large, with nothing beside it), so parts are measured first.
void TypeReader::measure(std::vector<TypeId> types) {
  auto rank = [this](TypeId id) { return std::pair(table_[id].size, table_[id].fields.size()); };
  std::ranges::stable_sort(types, {}, rank);
  for (TypeId id : types) {
    GoType& type = table_.at(id);
    std::uint64_t end = 0;
    for (const Field& field : type.fields) {
      std::uint64_t inner = table_[field.type].pointer_bytes;
      if (inner != 0) end = std::max(end, field.offset + inner);
    }
    const GoType& element = table_[type.element];
    if (type.kind == TypeKind::kArray && type.length != 0 && element.pointer_bytes != 0) {
      end = type.size - std::min(type.size, element.size - element.pointer_bytes);
    }
    type.pointer_bytes = std::min(end, type.size);
  }
}

// The compiler's debug types of a map: its header's dirPtr is a **table, and table.groups.data
// leads to the group (cmd/link/internal/ld/dwarf.go, synthesizemaptypes, Go 1.24 and later).
TypeId TypeReader::group_of(const dwarf::Type& map) {
  const dwarf::DwarfInfo& info = *sources_.dwarf;
  dwarf::Type header = info.type(map.header);
  // Before, it has a pointer to its buckets.
  if (const dwarf::TypeField* buckets = header.field("buckets")) {
    return reserve_dwarf(info.type(buckets->type).element);
  }
  const dwarf::TypeField* directory = header.field("dirPtr");
  if (directory == nullptr) return {};
  dwarf::Type table = info.type(info.type(info.type(directory->type).element).element);
  const dwarf::TypeField* groups = table.field("groups");
  if (groups == nullptr) return {};
  dwarf::Type reference = info.type(groups->type);
  const dwarf::TypeField* data = reference.field("data");
  return data == nullptr ? TypeId{} : reserve_dwarf(info.type(data->type).element);
}

void TypeReader::finish(TypeId id, GoType type, TypeId group) {
  if (ContainerTypes::concerns(type)) pending_containers_.push_back({id, group});
  if (type.kind == TypeKind::kChan) channels_.try_emplace(type.element.value, id);
  if (type.name.empty()) nameless_.push_back(id);
  table_.at(id) = std::move(type);
}

// Types that package reflect makes have their names in a table of the runtime; what they are made
// of says the same.
void TypeReader::name_nameless() {
  std::vector<TypeId> nameless = std::exchange(nameless_, {});
  for (TypeId id : nameless) {
    GoType& type = table_.at(id);
    const std::string& element = table_[type.element ? type.element : type.referent].name;
    switch (type.kind) {
      case TypeKind::kPointer:
        type.name = "*" + element;
        break;
      case TypeKind::kSlice:
        type.name = "[]" + element;
        break;
      case TypeKind::kArray:
        type.name = "[" + std::to_string(type.length) + "]" + element;
        break;
      case TypeKind::kChan:
        type.name = "chan " + element;
        break;
      case TypeKind::kMap:
        type.name = "map[" + table_[type.key].name + "]" + element;
        break;
      case TypeKind::kFunc:
        type.name = "func";
        break;
      default:
        type.name = "struct {...}";
        break;
    }
  }
}

}  // namespace seep::goruntime
