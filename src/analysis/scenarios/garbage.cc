#include "analysis/scenarios/garbage.h"

#include "base/count_text.h"

namespace seep::analysis {
namespace {

constexpr ByteSize kWorthSaying{std::uint64_t{1} << 20};

}  // namespace

std::vector<Finding> find_garbage(const Evidence& evidence) {
  const Completeness& read = evidence.completeness;
  const snapshot::RuntimeStatistics& runtime = evidence.snapshot.runtime;
  ByteSize garbage = read.object_bytes - read.reachable_bytes;
  if (garbage < kWorthSaying || garbage.bytes() * 10 < read.object_bytes.bytes()) return {};
  Finding finding;
  finding.scenario = "garbage";
  finding.permanence = Permanence::kTemporary;
  finding.confidence = Confidence::kPossible;
  finding.informational = true;
  finding.bytes = garbage;
  finding.count = read.objects - read.reachable_objects;
  finding.title = to_text(garbage) + " is garbage that the next collections free";
  finding.evidence.push_back({"why", counted(finding.count, "object") + " of " +
                                         count_text(read.objects) + " are reached by nothing"});
  if (runtime.heap_goal > 0)
    finding.evidence.push_back({"next", "a collection starts when the heap reaches " +
                                            to_text(ByteSize(runtime.heap_goal)) + "; it is at " +
                                            to_text(ByteSize(runtime.heap_live))});
  if (runtime.gc_percent < 0)
    finding.evidence.push_back({"note", "GOGC is off: only the memory limit starts a collection"});
  finding.remedy = runtime.gc_percent < 0
                       ? "set GOGC, or GOMEMLIMIT, so that the collector runs"
                       : "none needed; GOGC below " + std::to_string(runtime.gc_percent) +
                             " or a GOMEMLIMIT makes the collector run earlier";
  finding.fingerprint = fingerprint_of(finding);
  return {finding};
}

}  // namespace seep::analysis
