// growing-container: what grew from snapshot to snapshot, by the holder that was there before.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_growing_containers(const Evidence& evidence);

/// Leaves out large-retainer findings of variables and goroutines that a growing-container one is
/// about as well: that one says more.
void leave_out_growing_retainers(std::vector<Finding>& findings);

}  // namespace seep::analysis
