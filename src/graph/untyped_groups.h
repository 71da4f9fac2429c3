// What stays without a type, for those who want it to be less.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/type_inference.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

/// Objects that have no type, grouped by how large they are and what points to them.
struct UntypedGroup {
  std::uint64_t slot_bytes = 0;
  bool pointer_free = false;
  /// The best that is known of those who point there: "main.Node.next *main.Node", "global
  /// main.cache", "?" if they have no type either, "nothing".
  std::string referrer;
  bool interior = false;  ///< that reference leads to the middle of the object
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
  snapshot::ObjectId example;
};

/// By falling bytes. Looks at every reference: for questions of people.
std::vector<UntypedGroup> untyped_groups(const snapshot::Snapshot& snapshot,
                                         const TypeAssignment& assignment);

}  // namespace seep::graph
