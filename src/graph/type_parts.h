// Which types lie inside a type: a pointer to the first field of a struct, or into the middle of an
// array, leads to an object of the whole.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "snapshot/go_type.h"

namespace seep::graph {

/// Worked out when first asked for. Not safe for use by several threads.
class TypeParts {
 public:
  /// `types` outlives this and does not change.
  explicit TypeParts(const snapshot::TypeTable& types) : types_(types) {}

  /// The type itself and all parts at its first byte, ascending.
  const std::vector<std::uint32_t>& at_start(snapshot::TypeId type);
  /// The type itself and all its parts, ascending.
  const std::vector<std::uint32_t>& anywhere(snapshot::TypeId type);
  /// Of a type and some of its parts: the type itself and the elements of arrays.
  std::vector<std::uint32_t> rows(snapshot::TypeId type,
                                  const std::vector<std::uint32_t>& parts) const;

 private:
  using Lists = std::unordered_map<std::uint32_t, std::vector<std::uint32_t>>;

  const std::vector<std::uint32_t>& collect(Lists& known, snapshot::TypeId type, bool at_start);

  const snapshot::TypeTable& types_;
  Lists at_start_, anywhere_;
};

}  // namespace seep::graph
