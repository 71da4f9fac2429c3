// What the steps from an object to what it points to are called, for paths that people read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/type_inference.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

enum class StepKind : std::uint8_t { kField, kElement, kKey, kValue, kCapture };

/// One step into a part of a value.
struct PathStep {
  StepKind kind = StepKind::kField;
  std::string name;       ///< of the field or captured variable; else empty
  snapshot::TypeId type;  ///< of the part that the step leads to
  bool operator==(const PathStep&) const = default;
};

/// The steps from a value of type `source` (or one of several that an object repeats) to the
/// pointer word at `offset`, and on to what a slice or a channel's buffer holds: ".buf" then
/// "[...]" for the data pointer of a slice. Parts of the runtime's own plumbing take no step. Empty
/// if nothing is known of that word, or if all of the way is plumbing.
std::vector<PathStep> reference_steps(const snapshot::TypeTable& types, snapshot::TypeId source,
                                      std::uint64_t offset);

/// One step: ".buf", "[...]", "[key]", "[value]", "{x}" for a captured x.
std::string to_text(const PathStep& step);

/// All steps of reference_steps, one after the other: ".conns[...]".
std::string describe_reference(const snapshot::TypeTable& types, snapshot::TypeId source,
                               std::uint64_t offset);

/// "main.Node", "[]main.Node", "map[string]int (entries)"; "?" for an object without a type.
std::string object_type_name(const snapshot::TypeTable& types, const TypeAssignment& assignment,
                             snapshot::ObjectId id);

}  // namespace seep::graph
