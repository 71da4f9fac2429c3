// All rules on resident memory: what explains that it is far above the heap. The pages
// docs/findings/ rss-*.md say what each means.
#pragma once

#include <vector>

#include "analysis/completeness.h"
#include "analysis/rss/resident_evidence.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

struct ResidentRule {
  const char* title;
  bool of_go;  ///< means something in Go programs only
  std::vector<Finding> (*run)(const ResidentEvidence&);
};

const std::vector<ResidentRule>& all_resident_rules();

/// What every rule says, most important first.
std::vector<Finding> find_resident_causes(const ResidentEvidence& evidence);

/// The same of a snapshot, with its own look at what is reachable; nothing where nobody looked at
/// the resident memory.
std::vector<Finding> find_resident_causes(const snapshot::Snapshot& snapshot,
                                          const Completeness& completeness);

/// Adds to a diagnosis what of these may be a fault; what is merely worth knowing, `seep rss` says.
/// Garbage that is told as a cause is not told twice.
void add_resident_causes(const snapshot::Snapshot& snapshot, const Completeness& completeness,
                         std::vector<Finding>& findings);

std::vector<Finding> find_lazy_return(const ResidentEvidence& evidence);
std::vector<Finding> find_heap_goal(const ResidentEvidence& evidence);
std::vector<Finding> find_past_peak(const ResidentEvidence& evidence);
std::vector<Finding> find_fragmented_spans(const ResidentEvidence& evidence);
std::vector<Finding> find_kept_stacks(const ResidentEvidence& evidence);
std::vector<Finding> find_dead_goroutines(const ResidentEvidence& evidence);
std::vector<Finding> find_c_memory(const ResidentEvidence& evidence);
std::vector<Finding> find_own_mappings(const ResidentEvidence& evidence);
std::vector<Finding> find_thread_stacks(const ResidentEvidence& evidence);
std::vector<Finding> find_mapped_files(const ResidentEvidence& evidence);
std::vector<Finding> find_page_cache(const ResidentEvidence& evidence);
std::vector<Finding> find_shared_memory(const ResidentEvidence& evidence);
std::vector<Finding> find_tmpfs(const ResidentEvidence& evidence);
std::vector<Finding> find_huge_pages(const ResidentEvidence& evidence);
std::vector<Finding> find_swap(const ResidentEvidence& evidence);
std::vector<Finding> find_metadata(const ResidentEvidence& evidence);
std::vector<Finding> find_profile_buckets(const ResidentEvidence& evidence);
std::vector<Finding> find_close_limit(const ResidentEvidence& evidence);
std::vector<Finding> find_late_collection(const ResidentEvidence& evidence);

}  // namespace seep::analysis
