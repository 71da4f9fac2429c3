// Small strings that keep large blocks.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_substrings(const Evidence& evidence);

}  // namespace seep::analysis
