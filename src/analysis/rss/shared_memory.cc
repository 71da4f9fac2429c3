// Files that live in memory: tmpfs, /dev/shm, memfd, System V. Nothing but swap takes them from it.
#include <algorithm>

#include "analysis/rss/resident_rules.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

const char* const kRemedy =
    "remove or shorten files in /dev/shm and on tmpfs (an emptyDir with medium Memory is one), and "
    "close memfds: they count against the limit until they are gone, whoever wrote them";

}  // namespace

std::vector<Finding> find_shared_memory(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kSharedMemory);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-shared-memory", bytes);
  finding.title = to_text(bytes) + " of RSS is shared memory: files that live in memory";
  if (evidence.facts.largest_shared)
    finding.evidence.push_back(
        {"largest", evidence.facts.largest_shared->path + ", " +
                        to_text(ByteSize(evidence.facts.largest_shared->bytes))});
  finding.evidence.push_back(
      {"why",
       "tmpfs, memfd and System V memory has no file on a disk that the kernel could drop "
       "it to"});
  if (evidence.facts.pss)
    finding.evidence.push_back({"pss", to_text(ByteSize(*evidence.facts.pss)) +
                                           " is this process's part of it all, with what is shared "
                                           "divided by those who share it"});
  finding.remedy = kRemedy;
  return {finding};
}

std::vector<Finding> find_tmpfs(const ResidentEvidence& evidence) {
  const snapshot::ResidentFacts& facts = evidence.facts;
  // Without a limit nobody is charged.
  if (!facts.cgroup_shared || !facts.cgroup_usage || !facts.cgroup_limit) return {};
  ByteSize beyond = ByteSize(*facts.cgroup_shared) - evidence.of(Resident::kSharedMemory);
  bool much = is_large(evidence, beyond) && beyond.bytes() >= *facts.cgroup_usage / 4;
  if (!much) return {};
  Finding finding = resident_finding(evidence, "rss-tmpfs", beyond);
  // Which process wrote them is not known.
  finding.confidence = Confidence::kPossible;
  finding.title =
      to_text(beyond) + " that the container is charged for is files in memory, beyond the RSS";
  finding.evidence.push_back({"usage", to_text(ByteSize(*facts.cgroup_usage)) +
                                           " is the container's usage of " +
                                           to_text(ByteSize(*facts.cgroup_limit))});
  finding.remedy = kRemedy;
  return {finding};
}

}  // namespace seep::analysis
