// What was swapped out is not in RSS, and yet needed: RSS says too little.
#include "analysis/rss/resident_rules.h"

namespace seep::analysis {

std::vector<Finding> find_swap(const ResidentEvidence& evidence) {
  if (!evidence.facts.swap) return {};
  ByteSize bytes(*evidence.facts.swap);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-swap", bytes);
  finding.confidence = Confidence::kPossible;
  finding.informational = true;
  finding.permanence = Permanence::kTemporary;
  finding.title = to_text(bytes) + " of the program is in swap, and not in RSS";
  finding.evidence.push_back({"sum", "RSS and swap together are " +
                                         to_text(evidence.rss() + bytes) +
                                         "; a leak can go on while RSS stands still"});
  finding.evidence.push_back(
      {"why",
       "a collection looks at every live object: what of the heap is in swap, it brings "
       "back, and waits for it"});
  finding.remedy =
      "judge by RSS and swap together; more memory, or a smaller heap (GOMEMLIMIT "
      "below what the machine has), keeps the heap out of swap";
  return {finding};
}

}  // namespace seep::analysis
