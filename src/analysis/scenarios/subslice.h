// Small slices that keep large arrays.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_subslices(const Evidence& evidence);

}  // namespace seep::analysis
