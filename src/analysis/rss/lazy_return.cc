// Memory that Go has given back with MADV_FREE: the kernel takes it when somebody needs memory, and
// counts it as resident until then (madvise(2); Go 1.12 ... 1.15, runtime/mem_linux.go: sysUnused).
#include <algorithm>

#include "analysis/rss/resident_rules.h"

namespace seep::analysis {
namespace {

std::string remedy_for(const snapshot::ResidentFacts& facts) {
  if (facts.later.returns_at_once.empty())
    return "take madvdontneed=0 out of GODEBUG: without it this program gives back at once";
  std::string build =
      "build with " + facts.later.returns_at_once + " or later, which gives back at once";
  return facts.can_return_at_once ? build + "; until then run with GODEBUG=madvdontneed=1" : build;
}

}  // namespace

std::vector<Finding> find_lazy_return(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(snapshot::Resident::kReturnedLazily);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-lazy-free", bytes);
  finding.permanence = Permanence::kTemporary;
  finding.title = to_text(bytes) + " of RSS is memory that Go has already given back";
  finding.evidence.push_back({"why", release_text(evidence) +
                                         " returns it lazily (MADV_FREE): the kernel takes it only "
                                         "under pressure"});
  if (evidence.facts.lazy_free)
    finding.evidence.push_back(
        {"kernel", to_text(ByteSize(*evidence.facts.lazy_free)) + " LazyFree in smaps"});
  finding.evidence.push_back(
      {"also",
       "debug.FreeOSMemory does not help here; it forces a collection and returns memory the same "
       "lazy way"});
  finding.remedy = remedy_for(evidence.facts);
  return {finding};
}

}  // namespace seep::analysis
