// When the next collection is due: MemStats.NextGC.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/figures/figure_image.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

/// Bytes of heap; nothing if it could not be read, and none where no collection is due: GOGC is off
/// and there is no memory limit.
std::optional<std::uint64_t> heap_goal(const FigureImage& image, const RuntimeLayout& layout);

}  // namespace seep::goruntime
