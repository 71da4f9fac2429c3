// Goroutines that have waited long where many wait, and that reachability does not prove to hang.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_stuck_goroutines(const Evidence& evidence);

}  // namespace seep::analysis
