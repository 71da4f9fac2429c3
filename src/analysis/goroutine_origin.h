// Where goroutines are and where they come from, as the origin of a finding.
#pragma once

#include <string>
#include <vector>

#include "analysis/finding.h"
#include "analysis/goroutine_groups.h"

namespace seep::analysis {

/// The frame where they are blocked, their callers, and the go statement. `note` tells what they
/// wait for.
std::vector<OriginFrame> origin_of(const snapshot::Snapshot& snapshot, const GoroutineGroup& group);

/// Functions from the place outwards and of the go statement: equal for goroutines of one bug, also
/// when builds differ in line numbers.
std::string functions_of(const snapshot::Snapshot& snapshot, const GoroutineGroup& group);

/// "waiting for 3 min to 2 h", or empty where no collection has passed since.
std::string waited_text(const GoroutineGroup& group);

}  // namespace seep::analysis
