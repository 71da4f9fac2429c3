// Maps with places for far more entries than they have: a Go map never gives places back.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_maps_not_shrunk(const Evidence& evidence);

}  // namespace seep::analysis
