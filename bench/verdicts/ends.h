// Processes that ran out of memory, by cause.
#pragma once

#include <cstdint>
#include <vector>

#include "monitor/oom_cause.h"

namespace seep::bench {

struct LabelledEnd {
  monitor::OomCause cause = monitor::OomCause::kLeak;
  std::uint64_t seed = 0;
  monitor::Series series;  ///< RSS, up to the end
  double limit = 0;
};

std::vector<LabelledEnd> generated_ends(std::uint64_t first_seed, int each);

}  // namespace seep::bench
