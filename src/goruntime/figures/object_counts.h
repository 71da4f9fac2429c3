// How many objects there are and their bytes: MemStats.HeapObjects and HeapAlloc. The runtime
// counts what it allocates and frees by size class; both only rise.
//
// A P takes a whole span of a class at a time. Until Go 1.18 all its free slots count as allocated
// from then on, since 1.19 none does until the P gives it back; a collection and ReadMemStats take
// all spans back. So what is told of a program that allocates is off by at most what the spans of
// its Ps hold, a few of 8 to 32 KiB for each P and class in use; of one that does not, by what the
// spans held when it ceased.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/figures/figure_image.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

struct ObjectCounts {
  std::uint64_t objects = 0;
  std::optional<std::uint64_t> bytes;  ///< Go 1.12-1.18; gcController has it since
};

/// Nothing if the counts could not be read, or not all of one moment.
std::optional<ObjectCounts> count_objects(const FigureImage& image, const RuntimeLayout& layout);

}  // namespace seep::goruntime
