// growing-site: one stack of the heap profile that has more and more in use.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_growing_sites(const Evidence& evidence);

}  // namespace seep::analysis
