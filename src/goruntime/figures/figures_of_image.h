// Go's figures out of one look at the runtime's variables (figure_image.h).
#pragma once

#include "goruntime/figures/figure_image.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/go_figures.h"

namespace seep::goruntime {

/// What this release does not keep, what was not readable and what cannot be is absent. Sums are as
/// the words were while they were copied: peek.h says when they are believed.
snapshot::GoFigures figures_of(const FigureImage& image, const RuntimeLayout& layout);

/// As runtime.NumGoroutine; goroutines of the runtime itself do not count.
std::optional<std::uint64_t> goroutines_of(const FigureImage& image, const RuntimeLayout& layout);

/// Goroutines that ended; their structs are kept to be used again.
std::optional<std::uint64_t> dead_goroutines_of(const FigureImage& image,
                                                const RuntimeLayout& layout);

}  // namespace seep::goruntime
