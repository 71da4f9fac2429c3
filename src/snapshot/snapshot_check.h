// Whether a snapshot holds together: every id leads somewhere, every range lies in its table. Who
// reads a file asks before anything is computed from it, so that nobody above has to doubt an
// index.
#pragma once

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace seep::snapshot {

/// kCorrupt with a sentence for the first thing that does not fit.
Result<void> check_snapshot(const Snapshot& snapshot);

}  // namespace seep::snapshot
