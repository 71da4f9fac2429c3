// Roots that are one row of a report: a package variable by its name, all goroutines at one place.
#pragma once

#include <string>

#include "snapshot/snapshot.h"

namespace seep::analysis {

/// Equal for roots of one row, also in snapshots of two processes.
std::string root_group_name(const snapshot::Snapshot& snapshot, snapshot::RootId root);

}  // namespace seep::analysis
