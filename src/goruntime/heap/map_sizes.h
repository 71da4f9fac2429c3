// How full the large maps of a program are: the headers say it, and nothing else does.
#pragma once

#include <vector>

#include "base/diagnostics.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/heap.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Maps whose places for entries take this much and more are listed.
inline constexpr std::uint64_t kLargeMapBytes = 4096;

/// What looks like the header of a large map, by rising object id. The references of `heap` must be
/// there. An object of another type may look the same: its type tells.
std::vector<snapshot::MapSize> read_map_sizes(const target::MemoryReader& memory,
                                              const RuntimeLayout& layout,
                                              const snapshot::Heap& heap, Diagnostics& diagnostics);

}  // namespace seep::goruntime
