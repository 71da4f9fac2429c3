// What goroutines leave behind: stacks that were deep once, and the structs of those that ended.
#include <algorithm>

#include "analysis/rss/resident_rules.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Resident;

constexpr std::uint64_t kSmallestStack = 2048;  // runtime/stack.go: _StackMin, of linux

}  // namespace

std::vector<Finding> find_kept_stacks(const ResidentEvidence& evidence) {
  ByteSize stacks = evidence.of(Resident::kStacks);
  std::uint64_t goroutines = evidence.facts.go.goroutines.value_or(0);
  // Without a look at each stack the least that they can need is assumed, and little is claimed.
  bool looked_at = evidence.facts.stacks_needed.has_value();
  ByteSize needed(looked_at ? *evidence.facts.stacks_needed : goroutines * kSmallestStack);
  ByteSize bytes = stacks - needed;
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-stacks", bytes);
  if (!looked_at) finding.confidence = Confidence::kPossible;
  finding.permanence = Permanence::kTemporary;
  finding.count = goroutines;
  finding.title = to_text(bytes) + " of RSS is stacks of goroutines that are not needed now";
  std::string each =
      goroutines == 0 ? "" : ", " + to_text(ByteSize(stacks.bytes() / goroutines)) + " each";
  finding.evidence.push_back(
      {"now", counted(goroutines, "goroutine") + " with " + to_text(stacks) + " of stacks" + each});
  if (looked_at)
    finding.evidence.push_back({"need", "what is on them now would fit into " + to_text(needed)});
  finding.evidence.push_back(
      {"why",
       "a stack grows with the deepest call, and shrinks by half in a collection, when less "
       "than a quarter of it is in use (never with GODEBUG=gcshrinkstackoff=1)"});
  finding.remedy =
      "have fewer goroutines that wait (a pool with a bound), or let deep calls and large arrays "
      "run in a goroutine of their own that ends";
  return {finding};
}

std::vector<Finding> find_dead_goroutines(const ResidentEvidence& evidence) {
  std::uint64_t dead = evidence.facts.dead_goroutines;
  std::uint64_t most = evidence.rss().bytes();
  std::uint64_t each = evidence.facts.goroutine_struct_bytes;
  ByteSize bytes(each == 0 || dead > most / each ? 0 : dead * each);
  if (!is_worth_saying(evidence, bytes)) return {};
  Finding finding = resident_finding(evidence, "rss-dead-goroutines", bytes);
  finding.permanence = Permanence::kPermanent;
  finding.count = dead;
  finding.title = to_text(bytes) + " of RSS is structs of goroutines that have ended";
  finding.evidence.push_back(
      {"why", count_text(dead) + " goroutines have ended; the runtime keeps " +
                  to_text(ByteSize(each)) + " of each for the next one, and never frees it"});
  finding.evidence.push_back(
      {"now", counted(evidence.facts.go.goroutines.value_or(0), "goroutine") + " run or wait"});
  finding.remedy =
      "bound how many goroutines there are at once (a semaphore, a pool): the peak stays; what is "
      "there goes with a restart only";
  return {finding};
}

}  // namespace seep::analysis
