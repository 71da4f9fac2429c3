// Garbage that the collector may let lie: it starts when the heap reaches its goal, which is the
// live heap and GOGC per cent of it (runtime/mgcpacer.go).
#include <algorithm>

#include "analysis/rss/resident_rules.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

constexpr std::int32_t kOrdinaryPercent = 100;  ///< GOGC, unless somebody has set it

struct Heap {
  ByteSize live, garbage;
  ByteSize unjudged;  ///< part of the garbage: new since the last collection, and it may live
};

Heap heap_of(const ResidentEvidence& evidence) {
  ByteSize live = evidence.of(Resident::kHeapLive);
  if (evidence.memory.heap_divided) {
    ByteSize garbage = evidence.of(Resident::kHeapGarbage);
    return {live, garbage, std::min(garbage, ByteSize(evidence.memory.unjudged_bytes))};
  }
  const snapshot::GoFigures& go = evidence.facts.go;
  if (!go.heap_live || !go.heap_marked) return {live, {}, {}};
  ByteSize since = std::min(live, ByteSize(*go.heap_live) - ByteSize(*go.heap_marked));
  return {live - since, since, since};
}

std::string goal_text(const ResidentEvidence& evidence) {
  const snapshot::GoFigures& go = evidence.facts.go;
  std::string text;
  if (go.gc_percent)
    text = *go.gc_percent < 0 ? "GOGC is off: only a memory limit starts a collection"
                              : "GOGC is " + std::to_string(*go.gc_percent);
  if (!go.heap_goal) return text;
  return text + (text.empty() ? "" : ": ") + "the next collection starts when the heap reaches " +
         to_text(ByteSize(*go.heap_goal));
}

}  // namespace

std::vector<Finding> find_heap_goal(const ResidentEvidence& evidence) {
  Heap heap = heap_of(evidence);
  if (!is_worth_saying(evidence, heap.garbage)) return {};
  Finding finding = resident_finding(evidence, "rss-heap-goal", heap.garbage);
  finding.permanence = Permanence::kTemporary;
  std::optional<std::int32_t> percent = evidence.facts.go.gc_percent;
  bool raised = percent && (*percent < 0 || *percent > kOrdinaryPercent);
  // As much garbage as there is live heap is how Go works.
  if (!raised || !is_large(evidence, heap.garbage - heap.unjudged))
    finding.confidence = Confidence::kPossible;
  finding.informational = !raised && heap.garbage <= heap.live;
  bool mostly_new = heap.unjudged > heap.garbage - heap.unjudged;
  finding.title = (mostly_new ? "up to " : "") + to_text(heap.garbage) +
                  " of RSS is garbage that the collector has yet to free";
  if (std::string goal = goal_text(evidence); !goal.empty())
    finding.evidence.push_back({"why", goal});
  finding.evidence.push_back({"live", to_text(heap.live) + " of the heap is live"});
  if (heap.unjudged > ByteSize())
    finding.evidence.push_back(
        {"new", to_text(heap.unjudged) + " was allocated since the last collection, which has not "
                                         "judged it: some of it may live. seep diagnose can tell"});
  std::string limit = memory_limit_text(evidence.facts);
  finding.remedy =
      raised ? "with GOGC=100 the heap would stay below twice what is live, about " +
                   to_text(heap.live + heap.live) + "; " + limit +
                   " instead keeps collections rare while there is room. Either costs processor "
                   "time"
             : "none needed; a GOGC below 100 or " + limit +
                   " makes the collector run earlier, and cost more processor time";
  return {finding};
}

}  // namespace seep::analysis
