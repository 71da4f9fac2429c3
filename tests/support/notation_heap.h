// The heap of a drawing: a span for each object, the table of references.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "snapshot/snapshot.h"

namespace seep::test {

struct DrawnObject {
  std::string type_name;
  snapshot::TypeId type;
  std::uint64_t bytes = 0;
};

struct DrawnReference {
  std::uint32_t source = 0;
  std::uint64_t offset = 0;
  std::uint32_t target = 0;
  bool interior = false;
  std::optional<snapshot::Window> window = std::nullopt;
};

/// Index 0 of `objects` is a placeholder. References come in any order. Wait objects of goroutines
/// hold an offset into their object in place of an address, and get the address.
void build_heap(const std::vector<DrawnObject>& objects, std::vector<DrawnReference> references,
                const std::vector<snapshot::ObjectId>& dead, snapshot::Snapshot& snapshot);

}  // namespace seep::test
