// One row a rule. A new one is a function in a file rss_*.cc, its test, a row here, and words in
// docs/findings/.
#include "analysis/rss/resident_rules.h"

#include <utility>

#include "analysis/rss/rss_summary.h"

namespace seep::analysis {

const std::vector<ResidentRule>& all_resident_rules() {
  static const std::vector<ResidentRule> rules = {
      {"memory given back lazily, which the kernel has not taken", true, find_lazy_return},
      {"garbage that the collector may let lie", true, find_heap_goal},
      {"free heap that is kept after a peak", true, find_past_peak},
      {"few objects that keep many spans", true, find_fragmented_spans},
      {"stacks of goroutines that stay large", true, find_kept_stacks},
      {"structs of goroutines that have ended", true, find_dead_goroutines},
      {"memory of C code", true, find_c_memory},
      {"memory that the program maps by itself", true, find_own_mappings},
      {"stacks of threads", true, find_thread_stacks},
      {"files mapped into memory", false, find_mapped_files},
      {"page cache that the container is charged for", false, find_page_cache},
      {"shared memory", false, find_shared_memory},
      {"files in memory that the container is charged for", false, find_tmpfs},
      {"huge pages over memory that was given back", true, find_huge_pages},
      {"memory that was swapped out", false, find_swap},
      {"the runtime's own tables", true, find_metadata},
      {"the runtime's profiles", true, find_profile_buckets},
      {"a memory limit so close that the collector never rests", true, find_close_limit},
      {"a collection that comes after the container's limit", true, find_late_collection},
  };
  return rules;
}

std::vector<Finding> find_resident_causes(const ResidentEvidence& evidence) {
  std::vector<Finding> findings;
  for (const ResidentRule& rule : all_resident_rules()) {
    if (rule.of_go && !evidence.is_go()) continue;
    for (Finding& finding : rule.run(evidence)) findings.push_back(std::move(finding));
  }
  rank(findings);
  return findings;
}

std::vector<Finding> find_resident_causes(const snapshot::Snapshot& snapshot,
                                          const Completeness& completeness) {
  if (!snapshot.resident) return {};
  snapshot::ResidentMemory memory = divide_heap(snapshot.resident->memory, completeness);
  return find_resident_causes({memory, snapshot.resident->facts, snapshot.program.go_version});
}

void add_resident_causes(const snapshot::Snapshot& snapshot, const Completeness& completeness,
                         std::vector<Finding>& findings) {
  for (Finding& cause : find_resident_causes(snapshot, completeness)) {
    if (cause.informational) continue;
    if (cause.scenario == "rss-heap-goal")
      std::erase_if(findings, [](const Finding& one) { return one.scenario == "garbage"; });
    findings.push_back(std::move(cause));
  }
}

}  // namespace seep::analysis
