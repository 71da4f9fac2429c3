// Limits that do not fit the program: a GOMEMLIMIT so close that the collector never rests, and a
// collection that would come only after the container's limit (go.dev/doc/gc-guide, "Memory
// limit").
#include <algorithm>
#include <cmath>
#include <optional>

#include "analysis/rss/resident_rules.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

constexpr double kRestless = 0.25;  ///< of processor time; a healthy collector takes a few per cent

// What no collection frees of that which GOMEMLIMIT counts.
std::optional<ByteSize> needed(const ResidentEvidence& evidence) {
  const snapshot::GoFigures& go = evidence.facts.go;
  if (!go.heap_marked) return std::nullopt;
  return ByteSize(*go.heap_marked) + evidence.of(Resident::kStacks) +
         evidence.of(Resident::kMetadata) + evidence.of(Resident::kProfileBuckets);
}

bool reaches(ByteSize part, double share, ByteSize whole) {
  return static_cast<double>(part.bytes()) >= share * static_cast<double>(whole.bytes());
}

// Where the process is when the next collection starts.
std::optional<ByteSize> at_next_collection(const ResidentEvidence& evidence) {
  if (!evidence.facts.go.heap_goal) return std::nullopt;
  ByteSize beside = evidence.rss() - evidence.of(Resident::kHeapLive) -
                    evidence.of(Resident::kHeapGarbage) - evidence.of(Resident::kHeapWaste) -
                    evidence.of(Resident::kHeapFree) - evidence.of(Resident::kReturnedLazily) -
                    evidence.of(Resident::kMappedFiles) - evidence.of(Resident::kBinary);
  return ByteSize(*evidence.facts.go.heap_goal) + beside;
}

std::string advised_limit(const snapshot::ResidentFacts& facts, ByteSize container) {
  std::string percent = facts.go.gc_percent && *facts.go.gc_percent < 0
                            ? "set GOGC (100 is the default)"
                            : "lower GOGC";
  if (!facts.later.memory_limit.empty())
    return percent + "; with " + facts.later.memory_limit +
           " or later GOMEMLIMIT tells Go of the container's limit";
  return "set GOMEMLIMIT=" + std::to_string((container.bytes() / 10 * 9) >> 20) +
         "MiB (nine tenths of the container's limit, less where there is C memory), or " + percent;
}

// Why no collection comes before the container's limit.
enum class Late { kNo, kGoalBeyond, kCollectorOff, kLimitBeyond };

bool is_limit_beyond(const snapshot::ResidentFacts& facts, ByteSize container) {
  return facts.go.memory_limit && ByteSize(*facts.go.memory_limit) > container;
}

Late how_late(const ResidentEvidence& evidence, ByteSize container) {
  const snapshot::ResidentFacts& facts = evidence.facts;
  bool limit_beyond = is_limit_beyond(facts, container);
  if (facts.go.memory_limit && !limit_beyond) return Late::kNo;
  if (facts.go.gc_percent && *facts.go.gc_percent < 0) return Late::kCollectorOff;
  std::optional<ByteSize> next = at_next_collection(evidence);
  if (next && *next > container) return Late::kGoalBeyond;
  return limit_beyond ? Late::kLimitBeyond : Late::kNo;
}

std::string late_title(const ResidentEvidence& evidence, Late late, const std::string& container) {
  switch (late) {
    case Late::kNo:
      break;
    case Late::kGoalBeyond:
      return "the next collection is due at " + to_text(*at_next_collection(evidence)) +
             ", after the container's limit of " + container;
    case Late::kCollectorOff:
      return "nothing starts a collection before the container's limit of " + container +
             ": GOGC is off";
    case Late::kLimitBeyond:
      return "GOMEMLIMIT of " + to_text(ByteSize(*evidence.facts.go.memory_limit)) +
             " is above the container's limit of " + container;
  }
  return "";
}

}  // namespace

std::vector<Finding> find_close_limit(const ResidentEvidence& evidence) {
  std::optional<ByteSize> need = needed(evidence);
  if (!evidence.facts.go.memory_limit || !need) return {};
  ByteSize limit(*evidence.facts.go.memory_limit);
  if (!reaches(*need, 0.9, limit)) return {};
  Finding finding = resident_finding(evidence, "rss-limit-too-close", {});
  std::optional<double> share = evidence.facts.collecting_share;
  bool restless = share ? *share >= kRestless : reaches(*need, 1, limit);
  finding.confidence = restless ? Confidence::kLikely : Confidence::kPossible;
  finding.title = "GOMEMLIMIT of " + to_text(limit) +
                  " leaves the collector no rest: " + to_text(*need) +
                  " is live or the runtime's own";
  finding.evidence.push_back(
      {"why", "near the limit every allocation starts a collection that finds little to free"});
  if (share)
    finding.evidence.push_back(
        {"cost", percent_text(*share, 1) + " of the processor time goes into collections"});
  finding.remedy =
      "raise GOMEMLIMIT (with the container's limit a tenth above), or make the live heap smaller: "
      "seep diagnose says who holds it";
  return {finding};
}

std::vector<Finding> find_late_collection(const ResidentEvidence& evidence) {
  const snapshot::ResidentFacts& facts = evidence.facts;
  if (!facts.cgroup_limit) return {};
  ByteSize container(*facts.cgroup_limit);
  Late late = how_late(evidence, container);
  if (late == Late::kNo) return {};
  Finding finding = resident_finding(evidence, "rss-late-collection", {});
  if (late != Late::kLimitBeyond) finding.confidence = Confidence::kLikely;
  finding.title = late_title(evidence, late, to_text(container));
  if (late == Late::kGoalBeyond) {
    std::string percent =
        facts.go.gc_percent ? " with GOGC=" + std::to_string(*facts.go.gc_percent) : "";
    finding.evidence.push_back({"why", "the heap goal is " +
                                           to_text(ByteSize(*facts.go.heap_goal)) + percent +
                                           ", and there is memory beside the heap"});
  }
  finding.evidence.push_back(
      {"limit", is_limit_beyond(facts, container)
                    ? "GOMEMLIMIT is " + to_text(ByteSize(*facts.go.memory_limit)) +
                          ": the container's limit is reached before it"
                    : "GOMEMLIMIT is not set: Go does not know the container's limit"});
  finding.remedy = advised_limit(facts, container);
  return {finding};
}

}  // namespace seep::analysis
