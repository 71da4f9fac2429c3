// Memory that the next collection frees: no fault, but part of what the process occupies.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_garbage(const Evidence& evidence);

}  // namespace seep::analysis
