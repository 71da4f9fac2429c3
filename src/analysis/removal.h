// What a finding wants gone: the roots, references and objects without which its bytes come back.
// Several findings overlap where their removals free the same memory (analysis/overlap.h).
#pragma once

#include <vector>

#include "base/byte_size.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// Bytes of an object that itself may stay: what a copied string no longer needs, an empty map.
struct ObjectPart {
  snapshot::ObjectId object;
  ByteSize bytes;

  bool operator==(const ObjectPart&) const = default;
};

struct Removal {
  graph::Removed cut;
  std::vector<snapshot::ObjectId> objects;  ///< with all references to them
  std::vector<ObjectPart> parts;

  /// It is not known which memory the finding is about: an estimate from samples, for example.
  bool is_unknown() const {
    return cut.roots.empty() && cut.root_references.empty() && cut.references.empty() &&
           objects.empty() && parts.empty();
  }
  void add(Removal other);

  bool operator==(const Removal&) const = default;
};

}  // namespace seep::analysis
