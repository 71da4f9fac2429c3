// The shapes that memory takes over time, each a generator: leaks, what looks like one, and what
// nobody could tell yet.
#pragma once

#include <string_view>
#include <vector>

#include "labelled_series.h"
#include "monitor/random_source.h"
#include "observer.h"

namespace seep::bench {

struct Shape {
  std::string_view name;
  Truth truth;
  void (*make)(RandomSource& random, LabelledSeries& result);
};

const std::vector<Shape>& steady_shapes();
const std::vector<Shape>& leaking_shapes();
const std::vector<Shape>& undecidable_shapes();
const std::vector<Shape>& other_shapes();

/// `each` of every shape; seeds from `first_seed` on, so the halves share no series.
std::vector<LabelledSeries> generated_series(std::uint64_t first_seed, int each);

/// Of the shapes that no threshold was chosen with.
std::vector<LabelledSeries> other_series(std::uint64_t first_seed, int each);

}  // namespace seep::bench
