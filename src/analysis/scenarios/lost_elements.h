// Pointers in elements of arrays that no slice reaches any more.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_lost_elements(const Evidence& evidence);

}  // namespace seep::analysis
