// Type names of drawings, turned into types: "*main.node", "[]byte", "map[string]*main.session".
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"
#include "snapshot/go_type.h"

namespace seep::test {

class NotationTypes {
 public:
  explicit NotationTypes(snapshot::TypeTable& table) : table_(table) {}

  /// The type of a word or variable that is called `name`.
  snapshot::TypeId value(std::string_view name);
  /// The type of an object that is drawn as `name`: T for []T, a synthetic header for a map.
  snapshot::TypeId object(std::string_view name);
  /// The type of a variable that refers to an object that is drawn as `name`.
  snapshot::TypeId reference_to(std::string_view name);

  /// Gives a struct without a size the size of its first object.
  void size_from_object(snapshot::TypeId type, std::uint64_t bytes);
  /// The statement "type NAME[BYTES] { field TYPE @OFFSET; ... }" without its first word.
  Result<void> declare(std::string_view text);

  /// The part of `type` that a step leads to. Adds a field `name` to a struct that was not
  /// declared, of the type `wanted`.
  struct Part {
    snapshot::TypeId type;
    std::uint64_t offset = 0;
  };
  Result<Part> field(snapshot::TypeId type, std::string_view name, snapshot::TypeId wanted);

  /// Computes what depends on fields: sizes of arrays, pointer prefixes. Once, at the end.
  void finish();

  /// Types by the name that the drawing uses for values.
  const std::map<std::string, snapshot::TypeId, std::less<>>& names() const { return values_; }

 private:
  snapshot::TypeId add(std::string_view name, snapshot::TypeKind kind, std::uint64_t size);
  snapshot::TypeId add_composite(std::string_view name);
  void finish(snapshot::TypeId id, unsigned depth);

  snapshot::TypeTable& table_;
  std::map<std::string, snapshot::TypeId, std::less<>> values_;
  std::map<std::string, snapshot::TypeId, std::less<>> headers_;
  std::set<snapshot::TypeId> declared_;
};

}  // namespace seep::test
