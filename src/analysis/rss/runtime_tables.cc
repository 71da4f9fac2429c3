// Memory that the runtime needs for itself, and never gives back: tables of heap and spans, and the
// buckets of its profiles.
#include "analysis/rss/resident_rules.h"

namespace seep::analysis {

using snapshot::Resident;

std::vector<Finding> find_metadata(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kMetadata);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-metadata", bytes);
  finding.permanence = Permanence::kPermanent;
  // Tables of a large heap are ordinary.
  if (bytes.bytes() * 10 <= evidence.rss().bytes()) {
    finding.informational = true;
    finding.confidence = Confidence::kPossible;
  }
  finding.title = to_text(bytes) + " of RSS is the Go runtime's own tables";
  finding.evidence.push_back(
      {"why",
       "bitmaps, spans, caches and work buffers of the collector; they grow with the largest "
       "heap that there was, and are kept"});
  finding.evidence.push_back(
      {"heap", to_text(evidence.of(Resident::kHeapLive) + evidence.of(Resident::kHeapGarbage) +
                       evidence.of(Resident::kHeapWaste)) +
                   " of the heap is in use now"});
  finding.remedy =
      "lower the peak of the heap and the number of its spans; what is there goes with a restart "
      "only";
  return {finding};
}

std::vector<Finding> find_profile_buckets(const ResidentEvidence& evidence) {
  ByteSize bytes = evidence.of(Resident::kProfileBuckets);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-profile-buckets", bytes);
  finding.permanence = Permanence::kPermanent;
  finding.title = to_text(bytes) + " of RSS is the runtime's own profiles";
  finding.evidence.push_back(
      {"why",
       "the heap, block and mutex profiles keep a bucket for each different stack, for ever; "
       "deep recursion and generated code make many"});
  const std::string& later = evidence.facts.later.profile_depth;
  finding.remedy =
      "sample less: a larger runtime.MemProfileRate, no block and mutex profile all the time; or "
      "tell shorter stacks apart with GODEBUG=profstackdepth=32" +
      (later.empty() ? "" : " (" + later + " or later)");
  return {finding};
}

}  // namespace seep::analysis
