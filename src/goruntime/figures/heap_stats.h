// memstats.heapStats (Go 1.16+, runtime/mstats.go, consistentHeapStats): three deltas whose sum is
// the figure. Threads add to delta `gen`. Whoever reads the figures in the program turns `gen` on,
// adds the delta before to the one that was written, and clears it. So while nobody does that, the
// delta after `gen` is empty; where it is not, a part may be counted twice or not at all.
#pragma once

#include <cstdint>
#include <optional>

#include "goruntime/figures/figure_image.h"
#include "goruntime/layout/runtime_layout.h"

namespace seep::goruntime {

/// Everything referred to outlives it.
class HeapStats {
 public:
  HeapStats(const FigureImage& image, const RuntimeLayout& layout);

  /// False: the deltas were not readable, or were just being put together.
  bool settled() const { return settled_; }

  /// A member of the deltas; of an array the word that is `inside` bytes further. Wraps like the
  /// runtime's own sums.
  std::optional<std::uint64_t> sum(Member member, std::uint64_t inside = 0) const;
  /// A sum that is a number of bytes in use now; nothing if it cannot be one.
  std::optional<std::uint64_t> level(Member member) const;

 private:
  bool is_empty(std::uint64_t delta) const;

  const FigureImage& image_;
  const RuntimeLayout& layout_;
  bool settled_ = false;
};

}  // namespace seep::goruntime
