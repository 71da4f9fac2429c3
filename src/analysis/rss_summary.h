// Resident memory against the heap, as coarse as one look at the runtime's own sums allows.
#pragma once

#include "analysis/completeness.h"
#include "analysis/diagnosis.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// The accounts and what they leave unexplained add up to the resident memory. What is not known
/// to lie in the Go heap or its stacks is unexplained here: runtime metadata, the executable,
/// mapped files, C memory.
RssSummary summarize_rss(const snapshot::Snapshot& snapshot, const Completeness& completeness);

Hypothesis rss_hypothesis(const RssSummary& summary);

}  // namespace seep::analysis
