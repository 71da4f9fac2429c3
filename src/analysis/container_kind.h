// What sort of container grows, told from the types on the way into it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace seep::analysis {

enum class ContainerKind : std::uint8_t {
  kUnknown,
  kMap,
  kSlice,
  kSyncMap,
  kList,
  kChannel,
  kPool,
  kContext,
  kCache,  ///< a map and a list that hold the same entries
};

/// `types`: of the container, of what lies between, and of what it holds, from the outside inwards.
ContainerKind container_kind(const std::vector<std::string>& types);

/// "map", "linked list", "children of a context".
const char* to_text(ContainerKind kind);
/// What to change.
const char* remedy_of(ContainerKind kind);

/// Key and element type of "map[string]*main.session"; empty if it is no map.
struct MapTypes {
  std::string key, element;
  bool operator==(const MapTypes&) const = default;
};
MapTypes map_types(std::string_view name);

}  // namespace seep::analysis
