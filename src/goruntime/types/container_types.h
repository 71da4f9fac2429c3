// Types of what the runtime allocates on a program's behalf and no source names: the header,
// directory, tables and entries of a map, a channel and its buffer, the bytes of a string, timers,
// the nodes of concurrent maps. They become struct types with roles, so that graph/ and analysis/
// need no knowledge of any release.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "goruntime/layout/runtime_layout.h"
#include "snapshot/go_type.h"

namespace seep::goruntime {

/// Works on types whose parts are all in the table (their own referents may be missing still).
class ContainerTypes {
 public:
  /// Finds a struct of the program by its full name and puts it into the table, its parts perhaps
  /// later; none if there is none.
  using FindStruct = std::function<snapshot::TypeId(std::string_view)>;

  ContainerTypes(snapshot::TypeTable& table, const RuntimeLayout& layout, FindStruct find_struct);

  /// What a string's data pointer leads to.
  snapshot::TypeId string_bytes() const { return string_bytes_; }

  /// A slice of bytes and a string, without descriptors of their own.
  snapshot::TypeId byte_slice();
  snapshot::TypeId text();

  /// What a func word leads to when the closure does not say which function it is of.
  snapshot::TypeId any_closure(const std::string& func_type_name);

  /// A pointer type to it, without a descriptor of its own.
  snapshot::TypeId pointer_to(snapshot::TypeId referent);

  /// True for types that complete() has something to do for.
  static bool concerns(const snapshot::GoType& type);

  /// Sets where the pointers of a map, a channel, a pointer to a type with a hidden rest, or of one
  /// of the standard library's generic pointers lead. `group` is, for a map, the struct that a
  /// group of its entries consists of.
  void complete(snapshot::TypeId type, snapshot::TypeId group);

  /// A type made here says more of an object than the runtime's own type of the same bytes.
  struct View {
    std::string_view package, name;  ///< of the runtime's own type; empty: `type` itself
    snapshot::TypeId type;
    snapshot::TypeId made_for;  ///< the map or channel type that it belongs to
    bool in_rows = false;       ///< there are objects of several of them
  };
  const std::vector<View>& views() const { return views_; }

 private:
  void complete_map(snapshot::TypeId type, snapshot::TypeId group);
  void complete_bucket_map(snapshot::TypeId type, snapshot::TypeId bucket);
  void complete_channel(snapshot::TypeId type);
  void complete_pointer(snapshot::TypeId type);
  void complete_struct(snapshot::TypeId type);
  void assign_roles(snapshot::TypeId group);
  snapshot::TypeId slots_with_roles(snapshot::TypeId slots);
  snapshot::TypeId keys_with_role(snapshot::TypeId array, snapshot::PartRole role);
  snapshot::TypeId timer_with_rest(snapshot::TypeId timer);
  snapshot::TypeId pointer_to_struct(std::string_view name);

  snapshot::TypeTable& table_;
  const RuntimeLayout& layout_;
  FindStruct find_struct_;
  snapshot::TypeId string_bytes_;
  snapshot::TypeId byte_slice_, text_;
  std::unordered_map<std::uint32_t, snapshot::TypeId> channels_;  ///< headers, by element
  std::vector<View> views_;
  std::unordered_map<std::uint32_t, snapshot::TypeId> pointers_;  ///< made here, by referent
  std::unordered_map<std::uint32_t, snapshot::TypeId> timers_;    ///< with their rest, by type
};

}  // namespace seep::goruntime
