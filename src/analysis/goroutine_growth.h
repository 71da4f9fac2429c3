// goroutine-growth: one go statement whose goroutines become more and more.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_goroutine_growth(const Evidence& evidence);

}  // namespace seep::analysis
