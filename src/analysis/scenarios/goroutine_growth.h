// goroutine-growth: one go statement whose goroutines become more and more.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

std::vector<Finding> find_goroutine_growth(const Evidence& evidence);

/// Gives findings about goroutines of one go statement (hung-goroutine, goroutine-pileup) its pace.
void add_goroutine_pace(const Evidence& evidence, std::vector<Finding>& findings);

}  // namespace seep::analysis
