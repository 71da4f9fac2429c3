// Memory that the kernel can take back at any time because a file has the same: mapped files, and
// the page cache that a container is charged for. Worth knowing, and no fault.
#include <algorithm>

#include "analysis/rss/resident_rules.h"

namespace seep::analysis {

using snapshot::Resident;

std::vector<Finding> find_mapped_files(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kMappedFiles);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-mapped-files", bytes);
  finding.confidence = Confidence::kPossible;
  finding.informational = true;
  finding.permanence = Permanence::kTemporary;
  finding.title = to_text(bytes) + " of RSS is files that the program has mapped";
  if (evidence.facts.largest_mapped)
    finding.evidence.push_back(
        {"largest", evidence.facts.largest_mapped->path + ", " +
                        to_text(ByteSize(evidence.facts.largest_mapped->bytes))});
  finding.evidence.push_back(
      {"why",
       "the kernel keeps what was read of them as long as nobody needs the memory; it takes "
       "back what is not changed without asking"});
  finding.remedy =
      "none needed, as with bolt and other stores that map their files: alert on anonymous memory "
      "(RssAnon), not on RSS; a smaller or compacted file maps less";
  return {finding};
}

std::vector<Finding> find_page_cache(const ResidentEvidence& evidence) {
  const snapshot::ResidentFacts& facts = evidence.facts;
  // Without a limit nobody is charged.
  if (!facts.cgroup_file || !facts.cgroup_usage || !facts.cgroup_limit) return {};
  // What is mapped is in RSS, and told as mapped files; tmpfs is told by itself.
  ByteSize cache = ByteSize(*facts.cgroup_file) - evidence.of(Resident::kMappedFiles) -
                   evidence.of(Resident::kBinary) - ByteSize(facts.cgroup_shared.value_or(0));
  bool much = is_large(evidence, cache) && cache.bytes() >= *facts.cgroup_usage / 4;
  if (!much) return {};
  Finding finding = resident_finding(evidence, "rss-page-cache", cache);
  finding.confidence = Confidence::kPossible;
  finding.informational = true;
  finding.permanence = Permanence::kTemporary;
  finding.title =
      to_text(cache) + " that the container is charged for is page cache, beyond the RSS";
  finding.evidence.push_back({"usage", to_text(ByteSize(*facts.cgroup_usage)) +
                                           " is the container's usage of " +
                                           to_text(ByteSize(*facts.cgroup_limit)) + ", " +
                                           to_text(evidence.rss()) + " the RSS of this process"});
  finding.evidence.push_back(
      {"why",
       "files that were read or written lately; the kernel drops them before it lets the "
       "container run out"});
  finding.remedy =
      "none needed: judge by the anonymous memory (anon in memory.stat), not by usage or working "
      "set, which count active file pages";
  return {finding};
}

}  // namespace seep::analysis
