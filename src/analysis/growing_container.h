// growing-container: what grew from snapshot to snapshot, by the holder that was there before.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_growing_containers(const Evidence& evidence);

}  // namespace seep::analysis
