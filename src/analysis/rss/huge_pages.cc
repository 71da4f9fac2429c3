// Memory that Go has given back, and that is resident again because the kernel made huge pages of
// its neighbours (Documentation/admin-guide/mm/transhuge.rst: khugepaged/max_ptes_none).
#include "analysis/rss/resident_rules.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

std::string remedy_for(const snapshot::ResidentFacts& facts) {
  std::string kernel =
      "set khugepaged/max_ptes_none to 0, or transparent_hugepage/enabled to madvise";
  if (facts.asks_for_huge_pages && !facts.later.leaves_huge_pages.empty())
    return "build with " + facts.later.leaves_huge_pages +
           " or later, which does not ask for them; until then " + kernel;
  if (facts.can_decline_huge_pages) return kernel + "; or run with GODEBUG=disablethp=1";
  return kernel;
}

}  // namespace

std::vector<Finding> find_huge_pages(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kHugeExcess);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-huge-pages", bytes);
  finding.permanence = Permanence::kTemporary;
  finding.title = to_text(bytes) + " of RSS is unused parts of huge pages";
  finding.evidence.push_back(
      {"why",
       "Go has given this memory back; the kernel filled it again to make pages of 2 MiB of "
       "it and its neighbours"});
  if (evidence.facts.huge_pages)
    finding.evidence.push_back({"kernel", to_text(ByteSize(*evidence.facts.huge_pages)) +
                                              " of RSS is in huge pages (AnonHugePages)"});
  if (evidence.facts.asks_for_huge_pages)
    finding.evidence.push_back(
        {"go", release_text(evidence) + " asks the kernel for huge pages by itself"});
  finding.remedy = remedy_for(evidence.facts);
  return {finding};
}

}  // namespace seep::analysis
