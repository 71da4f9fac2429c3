// Resident memory against the heap: the accounts of a diagnosis, and its third hypothesis.
#pragma once

#include <vector>

#include "analysis/completeness.h"
#include "analysis/diagnosis.h"
#include "analysis/finding.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

/// Where the process was looked at, every page in one account; else as coarse as the runtime's own
/// sums allow, and what does not lie in the Go heap or its stacks is unexplained. The accounts and
/// what they leave unexplained add up to the resident memory.
RssSummary summarize_rss(const snapshot::Snapshot& snapshot, const Completeness& completeness);

RssSummary summarize_rss(const snapshot::ResidentMemory& memory);

/// With objects divided by what is reachable in truth, in place of what the last collection marked;
/// the unused parts of spans stay what they are.
snapshot::ResidentMemory divide_heap(snapshot::ResidentMemory memory,
                                     const Completeness& completeness);

/// `causes` are the findings of resident_rules.h, if those could be asked.
Hypothesis rss_hypothesis(const RssSummary& summary, const std::vector<Finding>& causes);

}  // namespace seep::analysis
