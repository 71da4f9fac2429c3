// Small random snapshots, for tests that compare with a slow twin.
#pragma once

#include <cstdint>

#include "snapshot/snapshot.h"

namespace seep::test {

struct RandomGraphShape {
  std::uint32_t objects = 10;
  std::uint32_t roots = 3;
  std::uint32_t references = 20;  ///< of objects, at most
  std::uint32_t root_references = 5;
};

/// Sizes are 8 ... 512 bytes, a few slots are not allocated. The same seed gives the same graph.
snapshot::Snapshot random_graph(std::uint64_t seed, const RandomGraphShape& shape);

/// A shape for a seed: from sparse to dense, from one root to many.
RandomGraphShape random_shape(std::uint64_t seed, std::uint32_t max_objects);

}  // namespace seep::test
