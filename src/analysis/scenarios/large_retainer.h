// Who holds a material share of the heap. Holding is no fault: never more than possible.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_large_retainers(const Evidence& evidence);

}  // namespace seep::analysis
