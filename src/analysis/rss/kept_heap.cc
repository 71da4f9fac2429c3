// Heap that no object is in, and that Go keeps: free spans after a peak, and spans in which a few
// objects are left.
#include <algorithm>

#include "analysis/rss/resident_rules.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

// The background scavenger leaves a tenth beyond the heap goal alone (runtime/mgcscavenge.go:
// retainExtraPercent); that much is needed again soon.
constexpr std::uint64_t kRetainedParts = 10;

ByteSize heap_in_use(const ResidentEvidence& evidence) {
  return evidence.of(Resident::kHeapLive) + evidence.of(Resident::kHeapGarbage) +
         evidence.of(Resident::kHeapWaste);
}

// How far the heap grows again until the next collection: spans that are free or nearly empty just
// after one are no waste as long as they are within that.
ByteSize soon_needed(const ResidentEvidence& evidence) {
  std::optional<std::uint64_t> goal = evidence.facts.go.heap_goal;
  if (!goal) return evidence.of(Resident::kHeapLive) + evidence.of(Resident::kHeapGarbage);
  return ByteSize(*goal + *goal / kRetainedParts);
}

// A heap that is now larger and now smaller keeps free spans without a fault: more than all else
// together is left from a peak.
bool is_most(const ResidentEvidence& evidence, ByteSize bytes) {
  return is_large(evidence, bytes) && bytes > evidence.rss() - bytes;
}

std::string give_back_text(const snapshot::ResidentFacts& facts) {
  if (facts.returns_lazily && !facts.later.returns_at_once.empty())
    return "it goes back slowly and lazily, so RSS stays; debug.FreeOSMemory alone does not lower "
           "it: run with GODEBUG=madvdontneed=1, or build with " +
           facts.later.returns_at_once + " or later";
  if (facts.returns_lazily)
    return "take madvdontneed=0 out of GODEBUG: with it RSS stays even after debug.FreeOSMemory";
  return "wait, or call debug.FreeOSMemory after the peak: it forces a collection, takes as long "
         "as that, and memory that is needed again is faulted in anew; " +
         memory_limit_text(facts) + " keeps less in the first place";
}

}  // namespace

std::vector<Finding> find_past_peak(const ResidentEvidence& evidence) {
  ByteSize free = evidence.of(Resident::kHeapFree);
  ByteSize excess = std::min(free, heap_in_use(evidence) + free - soon_needed(evidence));
  if (!is_worth_saying(evidence, excess)) return {};
  Finding finding = resident_finding(evidence, "rss-past-peak", free);
  if (!is_most(evidence, excess)) finding.confidence = Confidence::kPossible;
  finding.permanence = Permanence::kTemporary;
  finding.title = to_text(free) + " of RSS is free heap that Go keeps after a peak";
  std::optional<std::uint64_t> goal = evidence.facts.go.heap_goal;
  finding.evidence.push_back({"now", to_text(heap_in_use(evidence)) + " of the heap has objects"});
  if (goal)
    finding.evidence.push_back({"next", "until the next collection, at " +
                                            to_text(ByteSize(*goal)) + ", " + to_text(excess) +
                                            " of it is not needed"});
  finding.evidence.push_back(
      {"why", "the runtime gives free heap back in the background, a little at a time"});
  finding.remedy = give_back_text(evidence.facts);
  return {finding};
}

std::vector<Finding> find_fragmented_spans(const ResidentEvidence& evidence) {
  const snapshot::SpanOccupancy& spans = evidence.facts.occupancy;
  ByteSize empty = ByteSize(spans.sparse_bytes) - ByteSize(spans.sparse_used_bytes);
  ByteSize bytes = std::min(empty, evidence.of(Resident::kHeapWaste));
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-fragmented-spans", bytes);
  ByteSize excess = std::min(bytes, heap_in_use(evidence) - soon_needed(evidence));
  if (!is_large(evidence, excess)) finding.confidence = Confidence::kPossible;
  finding.permanence = Permanence::kTemporary;
  finding.count = spans.sparse_spans;
  finding.title = to_text(bytes) + " of RSS is empty room beside a few objects that are left";
  finding.evidence.push_back(
      {"why", counted(spans.sparse_spans, "span") + " of " + count_text(spans.spans) +
                  " are less than a quarter full: " + to_text(ByteSize(spans.sparse_used_bytes)) +
                  " of objects in " + to_text(ByteSize(spans.sparse_bytes))});
  finding.evidence.push_back(
      {"note", "Go does not move objects; new ones of the same size fill the gaps first"});
  finding.remedy =
      "make what lives long apart from what lives short: copy the few that stay after a bulk load, "
      "reuse buffers of one size (sync.Pool), or restart after the load";
  return {finding};
}

}  // namespace seep::analysis
