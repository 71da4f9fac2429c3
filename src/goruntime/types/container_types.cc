#include "goruntime/types/container_types.h"

#include <utility>

namespace seep::goruntime {

using snapshot::Field;
using snapshot::GoType;
using snapshot::PartRole;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

// internal/runtime/maps, Go 1.24 to 1.27: Map.dirPtr (map.go), table.groups.data (table.go,
// group.go: groupsReference).
constexpr std::uint64_t kMapBytes = 48, kMapDirectoryAt = 16;
constexpr std::uint64_t kTableBytes = 32, kTableGroupsAt = 16;

// Go 1.23 and later, runtime/time.go, type timeTimer: the runtime's part follows the two words of
// time.Timer and time.Ticker.
constexpr std::uint64_t kTimerRestAt = 16;

bool is_named(const GoType& type, std::string_view package, std::string_view name) {
  return type.package_path == package && type.name == name;
}

bool is_generic(const GoType& type, std::string_view package, std::string_view prefix) {
  return type.package_path == package && type.name.starts_with(prefix);
}

bool is_timer(const GoType& type) {
  return is_named(type, "time", "time.Timer") || is_named(type, "time", "time.Ticker");
}

// internal/sync/hashtriemap.go and unique/canonmap.go (Go 1.24 and later): a *node leads to an
// entry or to an indirect node, which both begin with one.
bool is_trie_node(const GoType& type) {
  return is_generic(type, "internal/sync", "sync.node[") ||
         is_generic(type, "unique", "unique.node[");
}

Field internal_field(std::string name, TypeId type, std::uint64_t offset) {
  return Field{std::move(name), type, offset, PartRole::kInternal};
}

GoType synthetic_struct(std::string name, std::uint64_t bytes) {
  GoType made;
  made.name = std::move(name);
  made.kind = TypeKind::kStruct;
  made.size = bytes;
  made.pointer_bytes = bytes;
  made.synthetic = true;
  return made;
}

}  // namespace

ContainerTypes::ContainerTypes(snapshot::TypeTable& table, const RuntimeLayout& layout,
                               FindStruct find_struct)
    : table_(table), layout_(layout), find_struct_(std::move(find_struct)) {
  GoType bytes;
  bytes.name = "string";
  bytes.kind = TypeKind::kScalar;
  bytes.size = 1;
  bytes.synthetic = true;
  string_bytes_ = table_.add(std::move(bytes));
}

TypeId ContainerTypes::byte_slice() {
  if (byte_slice_.is_none()) {
    GoType element;
    element.name = "uint8";
    element.kind = TypeKind::kScalar;
    element.size = 1;
    GoType slice;
    slice.name = "[]uint8";
    slice.kind = TypeKind::kSlice;
    slice.size = 24;
    slice.pointer_bytes = 8;
    slice.referent = table_.add(std::move(element));
    slice.synthetic = true;
    byte_slice_ = table_.add(std::move(slice));
  }
  return byte_slice_;
}

TypeId ContainerTypes::text() {
  if (text_.is_none()) {
    GoType text;
    text.name = "string";
    text.kind = TypeKind::kString;
    text.size = 16;
    text.pointer_bytes = 8;
    text.referent = string_bytes_;
    text.synthetic = true;
    text_ = table_.add(std::move(text));
  }
  return text_;
}

TypeId ContainerTypes::any_closure(const std::string& func_type_name) {
  GoType closure;
  closure.name = func_type_name;
  closure.synthetic = true;
  return table_.add(std::move(closure));
}

bool ContainerTypes::concerns(const GoType& type) {
  switch (type.kind) {
    case TypeKind::kMap:
    case TypeKind::kChan:
    case TypeKind::kPointer:
      return true;
    case TypeKind::kStruct:
      return is_generic(type, "sync/atomic", "atomic.Pointer[") ||
             is_generic(type, "weak", "weak.Pointer[") || is_named(type, "sync", "sync.Pool");
    default:
      return false;
  }
}

void ContainerTypes::complete(TypeId type, TypeId group) {
  switch (table_[type].kind) {
    case TypeKind::kMap:
      return complete_map(type, group);
    case TypeKind::kChan:
      return complete_channel(type);
    case TypeKind::kPointer:
      return complete_pointer(type);
    case TypeKind::kStruct:
      return complete_struct(type);
    default:
      return;
  }
}

TypeId ContainerTypes::pointer_to(TypeId referent) {
  TypeId& known = pointers_[referent.value];
  if (known.is_none()) {
    GoType pointer;
    pointer.name = "*" + table_[referent].name;
    pointer.kind = TypeKind::kPointer;
    pointer.size = pointer.pointer_bytes = 8;
    pointer.referent = referent;
    pointer.synthetic = true;
    known = table_.add(std::move(pointer));
  }
  return known;
}

TypeId ContainerTypes::pointer_to_struct(std::string_view name) {
  TypeId found = find_struct_(name);
  return found.is_none() ? TypeId{} : pointer_to(found);
}

// Swiss maps, Go 1.24 and later: Map.dirPtr leads to the only group of a small map, whose first
// word is control bytes, or to an array of pointers to tables; a table points to its groups.
void ContainerTypes::complete_map(TypeId type, TypeId group) {
  if (group.is_none()) return;
  if (layout_.map == MapShape::kBuckets) return complete_bucket_map(type, group);
  assign_roles(group);
  std::string name = table_[type].name;
  table_.at(group).name = name + " (entries)";
  TypeId groups = pointer_to(group);
  GoType table = synthetic_struct(name + " (table)", kTableBytes);
  table.fields.push_back(internal_field("groups", groups, kTableGroupsAt));
  TypeId made_table = table_.add(std::move(table));
  TypeId directory = pointer_to(made_table);
  table_.at(directory).name = name + " (directory)";

  GoType either = table_[groups];
  either.referent_if_first_word_is_pointer = directory;
  TypeId directory_or_group = table_.add(std::move(either));
  GoType header = synthetic_struct(name, kMapBytes);
  header.fields.push_back(internal_field("dirPtr", directory_or_group, kMapDirectoryAt));
  TypeId made = table_.add(std::move(header));
  table_.at(type).referent = made;
  views_.push_back({"internal/runtime/maps", "maps.Map", made, type, false});
  views_.push_back({"internal/runtime/maps", "maps.table", made_table, type, false});
  views_.push_back({"internal/runtime/maps", "*maps.table", directory, type, true});
  views_.push_back({"", "", group, type, true});
}

// Until Go 1.23 (runtime/map.go, hmap): pointers to the buckets, while it grows to the old ones
// too, and to what keeps overflow buckets without pointers alive. A bucket
// (cmd/compile/internal/reflectdata, MapBucketType): topbits, keys, elems ("values" in Go 1.12),
// and a pointer to the next bucket, a plain number where keys and elems hold no pointers.
void ContainerTypes::complete_bucket_map(TypeId type, TypeId bucket) {
  constexpr std::uint64_t kBucketsAt = 16, kOldBucketsAt = 24, kExtraAt = 40;
  std::string name = table_[type].name;
  TypeId to_bucket = pointer_to(bucket);
  if (!table_[bucket].synthetic) {
    std::vector<Field> fields = table_[bucket].fields;
    for (Field& field : fields) {
      field.role = PartRole::kInternal;
      if (field.name == "keys") field.type = keys_with_role(field.type, PartRole::kKey);
      if (field.name == "elems" || field.name == "values") {
        field.type = keys_with_role(field.type, PartRole::kValue);
      }
      if (field.name == "overflow" && table_[bucket].pointer_bytes != 0) field.type = to_bucket;
    }
    GoType& changed = table_.at(bucket);
    changed.fields = std::move(fields);
    changed.name = name + " (entries)";
    changed.synthetic = true;
  }
  GoType row = table_[to_bucket];
  row.kind = TypeKind::kSlice;
  TypeId buckets = table_.add(std::move(row));
  GoType header = synthetic_struct(name, kMapBytes);
  header.fields.push_back(internal_field("buckets", buckets, kBucketsAt));
  header.fields.push_back(internal_field("oldbuckets", buckets, kOldBucketsAt));
  TypeId extra = pointer_to_struct("runtime.mapextra");
  if (extra) header.fields.push_back(internal_field("extra", extra, kExtraAt));
  TypeId made = table_.add(std::move(header));
  table_.at(type).referent = made;
  views_.push_back({"runtime", "runtime.hmap", made, type, false});
  views_.push_back({"", "", bucket, type, true});
}

// cmd/compile/internal/reflectdata/map.go: struct{ctrl; slots [8]struct{key; elem}}, or from
// Go 1.27 on, with GOEXPERIMENT=mapsplitgroup, struct{ctrl; keys [8]K; elems [8]E}.
void ContainerTypes::assign_roles(TypeId group) {
  if (table_[group].synthetic) return;
  std::vector<Field> fields = table_[group].fields;
  for (Field& field : fields) {
    field.role = PartRole::kInternal;
    if (field.name == "slots") field.type = slots_with_roles(field.type);
    if (field.name == "keys") field.type = keys_with_role(field.type, PartRole::kKey);
    if (field.name == "elems") field.type = keys_with_role(field.type, PartRole::kValue);
  }
  GoType& changed = table_.at(group);
  changed.fields = std::move(fields);
  changed.synthetic = true;
}

TypeId ContainerTypes::slots_with_roles(TypeId slots) {
  GoType array = table_[slots];
  if (array.kind != TypeKind::kArray) return slots;
  GoType slot = table_[array.element];
  for (Field& field : slot.fields) {
    field.role = field.name == "key" ? PartRole::kKey : PartRole::kValue;
  }
  slot.synthetic = true;
  array.element = table_.add(std::move(slot));
  array.element_role = PartRole::kInternal;
  array.synthetic = true;
  return table_.add(std::move(array));
}

TypeId ContainerTypes::keys_with_role(TypeId array, PartRole role) {
  GoType copy = table_[array];
  if (copy.kind != TypeKind::kArray) return array;
  copy.element_role = role;
  copy.synthetic = true;
  return table_.add(std::move(copy));
}

// runtime/chan.go, makechan: a channel whose elements hold no pointers has its buffer right behind
// it, others have one of their own.
void ContainerTypes::complete_channel(TypeId type) {
  const auto& layout = layout_.hchan;
  if (layout.bytes == 0 || !layout.buf.exists()) return;
  TypeId element = table_[type].element;
  // Types that only differ in direction or name have their channels in common.
  TypeId known = channels_[element.value];
  if (known) {
    views_.push_back({"", "", known, type, false});
    table_.at(type).referent = known;
    return;
  }
  // The channel itself has no direction; reflect's String() sets a receiving one in parentheses.
  const std::string& of = table_[element].name;
  std::string name = of.starts_with("<-") ? "chan (" + of + ")" : "chan " + of;
  GoType header = synthetic_struct(std::move(name), layout.bytes);
  if (table_[element].pointer_bytes == 0) {
    header.tail = element;
  } else {
    GoType buffer = table_[pointer_to(element)];
    buffer.kind = TypeKind::kSlice;
    header.fields.push_back(
        internal_field("buf", table_.add(std::move(buffer)), layout.buf.offset));
  }
  if (layout.timer.exists()) {
    TypeId timer = pointer_to_struct("runtime.timer");
    if (timer) complete_pointer(timer);
    header.fields.push_back(internal_field("timer", timer, layout.timer.offset));
  }
  TypeId waiter = pointer_to_struct("runtime.sudog");
  for (const Member& queue : {layout.recvq, layout.sendq}) {  // waitq: first, last
    if (!queue.exists() || waiter.is_none()) continue;
    header.fields.push_back(internal_field("first", waiter, queue.offset));
    header.fields.push_back(internal_field("last", waiter, queue.offset + 8));
  }
  TypeId made = table_.add(std::move(header));
  table_.at(type).referent = made;
  channels_[element.value] = made;
  views_.push_back({"runtime", "runtime.hchan", made, type, false});
  views_.push_back({"", "", element, type, true});
}

void ContainerTypes::complete_pointer(TypeId type) {
  TypeId referent = table_[type].referent;
  GoType target = table_[referent];
  if (is_timer(target)) {
    TypeId whole = timer_with_rest(referent);
    table_.at(type).referent_if_other_size = whole;
  } else if (target.name == "runtime.timer") {
    TypeId timer = find_struct_("time.Timer");
    TypeId whole = timer.is_none() ? TypeId{} : timer_with_rest(timer);
    table_.at(type).referent_if_interior = whole;
  } else if (is_trie_node(target)) {
    std::size_t arguments = target.name.find('[');
    std::string rest = target.name.substr(arguments);
    TypeId entry = find_struct_(target.package_path + ".entry" + rest);
    TypeId indirect = find_struct_(target.package_path + ".indirect" + rest);
    GoType& pointer = table_.at(type);
    if (entry) pointer.referent = entry;
    pointer.referent_if_other_size = indirect;
  }
}

TypeId ContainerTypes::timer_with_rest(TypeId timer) {
  auto known = timers_.find(timer.value);
  if (known != timers_.end()) return known->second;
  TypeId rest = find_struct_("runtime.timer");
  GoType whole = table_[timer];
  std::uint64_t rest_bytes = rest.is_none() ? 0 : table_[rest].size;
  whole.size = whole.pointer_bytes = kTimerRestAt + rest_bytes;
  if (rest) whole.fields.push_back(internal_field("timer", rest, kTimerRestAt));
  whole.synthetic = true;
  TypeId made = table_.add(std::move(whole));
  timers_.emplace(timer.value, made);
  views_.push_back({"runtime", "runtime.timeTimer", made, timer, false});
  return made;
}

// sync/atomic.Pointer[T] and weak.Pointer[T] begin with a field of type [0]*T, then an
// unsafe.Pointer; the former's leads to a T. A weak pointer's leads to the runtime's handle, which
// holds no pointer that counts. sync.Pool.local and victim lead to arrays of poolLocal.
void ContainerTypes::complete_struct(TypeId type) {
  std::vector<Field> fields = table_[type].fields;
  TypeId leads_to;
  if (is_named(table_[type], "sync", "sync.Pool")) {
    leads_to = pointer_to_struct("sync.poolLocal");
  } else if (is_generic(table_[type], "sync/atomic", "atomic.Pointer[") && !fields.empty()) {
    leads_to = table_[fields.front().type].element;
  } else {
    GoType handle;
    handle.name = "weak handle";
    handle.kind = TypeKind::kScalar;
    handle.size = 8;
    handle.synthetic = true;
    leads_to = pointer_to(table_.add(std::move(handle)));
  }
  if (leads_to.is_none()) return;
  for (Field& field : fields) {
    if (table_[field.type].kind == TypeKind::kUnsafePointer) field.type = leads_to;
  }
  table_.at(type).fields = std::move(fields);
}

}  // namespace seep::goruntime
