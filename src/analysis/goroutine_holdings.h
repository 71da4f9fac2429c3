// What groups of goroutines keep alive.
#pragma once

#include <vector>

#include "analysis/exclusive_bytes.h"
#include "analysis/goroutine_groups.h"
#include "analysis/removal.h"

namespace seep::analysis {

/// Groups that count as one.
using GoroutineBundle = std::vector<const GoroutineGroup*>;

/// Bundle i is group i + 1 of the result; every other root is one of the others.
RootGroups holdings_of(const graph::ObjectGraph& graph,
                       const std::vector<GoroutineBundle>& bundles);

/// A bundle as what a finding wants gone.
Removal removal_of(const snapshot::Snapshot& snapshot, const GoroutineBundle& bundle);

}  // namespace seep::analysis
