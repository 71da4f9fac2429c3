// Calls that a function has deferred in a loop: they run when it returns, not at the end of a
// round, and keep until then what they are going to close.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_deferred_pileups(const Evidence& evidence);

}  // namespace seep::analysis
