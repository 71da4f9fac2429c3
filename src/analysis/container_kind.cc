#include "analysis/container_kind.h"

#include <algorithm>

namespace seep::analysis {

namespace {

std::string_view without_pointer(std::string_view type) {
  while (type.starts_with('*')) type.remove_prefix(1);
  return type;
}

bool is_one_of(std::string_view type, std::initializer_list<std::string_view> prefixes) {
  type = without_pointer(type);
  return std::ranges::any_of(prefixes,
                             [&](std::string_view prefix) { return type.starts_with(prefix); });
}

}  // namespace

ContainerKind container_kind(const std::vector<std::string>& types) {
  auto any = [&](std::initializer_list<std::string_view> prefixes) {
    return std::ranges::any_of(types,
                               [&](const std::string& type) { return is_one_of(type, prefixes); });
  };
  // Packages of the library first: they are made of maps and slices themselves.
  // sync/pool.go; sync/map.go until Go 1.23, internal/sync/hashtriemap.go since.
  if (any({"sync.Pool", "sync.poolLocal", "[]sync.poolLocal", "sync.poolChain"}))
    return ContainerKind::kPool;
  if (any({"sync.Map", "sync.readOnly", "sync.entry", "sync.HashTrieMap", "internal/sync.",
           "sync.indirect[", "sync.entry["}))
    return ContainerKind::kSyncMap;
  if (any({"context.cancelCtx", "context.timerCtx", "map[context.canceler]"}))
    return ContainerKind::kContext;
  bool list = any({"list.List", "list.Element"});
  bool map = any({"map["});
  if (list && map) return ContainerKind::kCache;
  if (list) return ContainerKind::kList;
  // The innermost of nested ones is the one that grows if the way into it is the last.
  if (any({"chan ", "<-chan ", "chan<- "})) return ContainerKind::kChannel;
  if (map) return ContainerKind::kMap;
  if (any({"[]"})) return ContainerKind::kSlice;
  for (std::size_t i = 0; i < types.size(); ++i)
    for (std::size_t j = i + 1; j < types.size(); ++j)
      if (!types[i].empty() && types[i] != "?" &&
          without_pointer(types[i]) == without_pointer(types[j]))
        return ContainerKind::kList;
  return ContainerKind::kUnknown;
}

const char* to_text(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::kMap:
      return "map";
    case ContainerKind::kSlice:
      return "slice";
    case ContainerKind::kSyncMap:
      return "sync.Map";
    case ContainerKind::kList:
      return "linked list";
    case ContainerKind::kChannel:
      return "channel buffer";
    case ContainerKind::kPool:
      return "sync.Pool";
    case ContainerKind::kContext:
      return "children of a context";
    case ContainerKind::kCache:
      return "cache of a map and a list";
    case ContainerKind::kUnknown:
      break;
  }
  return "structure";
}

const char* remedy_of(ContainerKind kind) {
  switch (kind) {
    case ContainerKind::kMap:
    case ContainerKind::kSyncMap:
      return "delete entries when what they stand for ends, or bound them by number or age; if "
             "keys "
             "come from outside (user input, addresses, label values), limit how many there can be";
    case ContainerKind::kSlice:
      return "drop what is no longer needed (keep the last n, write it out), or bound it where it "
             "is "
             "appended to";
    case ContainerKind::kList:
      return "remove elements when they are done with, or bound the list where it is added to";
    case ContainerKind::kChannel:
      return "more is sent than received: add receivers, make the senders wait (a smaller buffer), "
             "or drop what is too old";
    case ContainerKind::kPool:
      return "do not Put what has grown large (drop buffers above a size), and keep one pool for "
             "each size";
    case ContainerKind::kContext:
      return "call the cancel function of every context.WithCancel, WithTimeout and WithDeadline "
             "on "
             "every way out (defer cancel()): until then the parent keeps the child";
    case ContainerKind::kCache:
      return "give the cache a limit, and evict from the map and the list together";
    case ContainerKind::kUnknown:
      break;
  }
  return "find what adds to it, and remove or bound what is no longer needed";
}

MapTypes map_types(std::string_view name) {
  name = without_pointer(name);
  if (!name.starts_with("map[")) return {};
  int depth = 0;
  for (std::size_t i = 3; i < name.size(); ++i) {
    if (name[i] == '[') ++depth;
    if (name[i] == ']' && --depth == 0)
      return {std::string(name.substr(4, i - 4)), std::string(name.substr(i + 1))};
  }
  return {};
}

}  // namespace seep::analysis
