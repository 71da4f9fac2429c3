#include "goruntime/types/type_catalog.h"

#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace seep::goruntime {

using snapshot::GoType;
using snapshot::HeapType;
using snapshot::TypeId;

namespace {

/// "map[int]string" of "map.hdr[int]string"; empty for other names. Up to Go 1.17 a program may
/// have a descriptor of its own for the header of a map type (cmd/compile/internal/gc/fmt.go).
std::string map_of_header(std::string_view name) {
  constexpr std::string_view kHeader = "map.hdr[";
  if (!name.starts_with(kHeader)) return {};
  return "map[" + std::string(name.substr(kHeader.size()));
}

}  // namespace

std::vector<HeapType> list_heap_types(TypeReader& types, const snapshot::TypeTable& table,
                                      const CodeToSearch& code) {
  std::vector<Address> descriptors = types.all_descriptors();
  FoundInCode in_code = search_code(code, descriptors);
  for (auto [entry, type] : in_code.closures) types.know_captures(Address(entry), type);
  std::vector<TypeId> layouts;
  std::unordered_map<std::uint32_t, Allocations> made_by_code;
  for (Address descriptor : descriptors) {
    TypeId id = types.type_at(descriptor);
    if (id.is_none()) continue;
    layouts.push_back(id);
    auto found = in_code.allocated.find(descriptor.value());
    if (found != in_code.allocated.end()) made_by_code[id.value] = found->second;
  }
  std::map<std::pair<std::string_view, std::string_view>, std::vector<TypeId>> views;
  std::map<std::string_view, TypeId> headers;  ///< by the name of the map
  for (const ContainerTypes::View& view : types.views()) {
    // What the runtime allocates for a map or a channel, code allocates by the type of the whole.
    auto whole = made_by_code.find(view.made_for.value);
    if (whole != made_by_code.end()) {
      Allocations& part = made_by_code[view.type.value];
      part = part | Allocations{true, view.in_rows};
    }
    if (view.name.empty()) continue;
    if (view.name == "runtime.hmap") headers.emplace(table[view.made_for].name, view.type);
    views[{view.package, view.name}].push_back(view.type);
  }
  std::vector<HeapType> made;
  auto add = [&](TypeId type, TypeId layout) {
    auto by_code = made_by_code.find(type.value);
    Allocations how = by_code == made_by_code.end() ? Allocations{} : by_code->second;
    made.push_back({type, layout, how.singly, how.in_rows});
  };
  for (TypeId layout : layouts) {
    const GoType& type = table[layout];
    if (type.pointer_bytes == 0 || type.size == 0) continue;
    auto header = headers.find(map_of_header(type.name));
    if (header != headers.end()) {
      add(header->second, layout);
      continue;
    }
    auto found = views.find({type.package_path, type.name});
    if (found != views.end()) {
      for (TypeId view : found->second) add(view, layout);
    }
    add(layout, layout);
  }
  return made;
}

ChannelShape channel_shape(const RuntimeLayout& layout) {
  const auto& hchan = layout.hchan;
  if (!hchan.elemtype.exists() || hchan.bytes == 0) return {};
  return {hchan.bytes, hchan.elemtype.offset / 8};
}

}  // namespace seep::goruntime
