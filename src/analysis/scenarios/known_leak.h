// Leaks of well-known packages, by the table of known_leaks_data.h.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_known_leaks(const Evidence& evidence);

}  // namespace seep::analysis
