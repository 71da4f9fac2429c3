// What groups of roots hold, by type.
#pragma once

#include <string>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/exclusive_bytes.h"

namespace seep::analysis {

struct TypeShare {
  std::string type;  ///< "[]uint8"; empty if not known
  graph::Extent extent;
};

/// For each of the first `count` groups of `held`, the types of what only it reaches, largest
/// first. One pass over the heap.
std::vector<std::vector<TypeShare>> types_held(const Evidence& evidence, const RootGroups& held,
                                               std::uint32_t count);

/// "[]uint8 7.81 MiB, main.request 250 KiB": the largest three that are worth a word.
std::string to_text(const std::vector<TypeShare>& shares);

}  // namespace seep::analysis
