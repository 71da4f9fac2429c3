// Many goroutines at one place that reachability does not prove to hang.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_goroutine_pileups(const Evidence& evidence);

}  // namespace seep::analysis
