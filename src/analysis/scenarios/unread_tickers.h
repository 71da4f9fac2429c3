// Tickers that somebody still holds but nobody reads.
//
// The runtime fills their channel once and then ticks in vain. Where it ticks only for those who
// look, a ticker that nobody reads costs nothing and is none of these.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

/// Scenario "ticker".
std::vector<Finding> find_unread_tickers(const Evidence& evidence);

}  // namespace seep::analysis
