// Goroutines that can never run again, and what only they hold.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_hung_goroutines(const Evidence& evidence);

}  // namespace seep::analysis
