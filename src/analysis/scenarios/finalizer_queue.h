// A queue of finalizers or cleanups that does not move, because those who work it off are blocked
// in a function of the program.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_blocked_finalizers(const Evidence& evidence);

}  // namespace seep::analysis
