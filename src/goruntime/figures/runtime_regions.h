// The runtime's own tables outside of its heap, found by its own pointers: in a program with C the
// kernel shows them and what malloc has mapped as one kind of memory, and often as one mapping.
//
// Read from a program that runs on; what is not readable is left out and counted.
#pragma once

#include <cstdint>

#include "base/diagnostics.h"
#include "goruntime/figures/memory_parts.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

struct RuntimeRegions {
  MemoryParts tables;  ///< index of arenas, their metadata, lists of spans, summaries, bits …
  MemoryParts arenas;  ///< all of the heap's address space, as given back: whatever nobody claims
  /// The table through which records of profiles are found; the records lie among other tables.
  MemoryParts profile_table;
  /// How much of all that is mapped as a whole, so that the runtime's figures (MemStats' Sys
  /// fields) count it as these ranges do. Of others they count parts only.
  std::uint64_t counted_bytes = 0;
};

RuntimeRegions read_runtime_regions(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                    const RuntimeVariables& variables, Diagnostics& diagnostics);

}  // namespace seep::goruntime
