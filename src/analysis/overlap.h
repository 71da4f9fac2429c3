// What findings have in common, and what all of them together would give back.
//
// Each finding counts what comes back if it alone is fixed, so the sum of several counts memory
// twice that lies below two of them. Here all are removed at once, and put back one by one from the
// last to the first: what is reached again is what a finding frees beyond those before it. Each
// object is visited once, so all of it costs one search of the heap.
//
//   1 cuts off a -> b           alone: a, b      freed beyond those before: a, b
//   2 cuts off c -> a, c -> d   alone: c, a, b, d                           c, d; a, b are of 1
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

/// What all faults among the findings would give back together; none is counted twice.
struct Together {
  std::uint32_t findings = 0;  ///< so many are counted
  std::uint32_t left_out = 0;  ///< so many are not: which memory they mean is not known
  ByteSize sum;                ///< of the bytes of those counted
  ByteSize bytes;              ///< in truth
};

/// `findings` are in their final order; those that overlap with others before them get a line of
/// evidence that says so.
Together tell_overlaps(const Evidence& evidence, std::vector<Finding>& findings);

}  // namespace seep::analysis
