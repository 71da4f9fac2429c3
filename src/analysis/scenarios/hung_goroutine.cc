// Each bug is one finding: goroutines that hang in the same functions, started by the same one. Its
// bytes are what would come back if they ended: the objects that only they reach.
#include "analysis/scenarios/hung_goroutine.h"

#include <algorithm>
#include <map>
#include <string>

#include "analysis/goroutine_holdings.h"
#include "analysis/goroutine_origin.h"
#include "analysis/held_types.h"
#include "analysis/scenarios/known_leak_match.h"
#include "analysis/wait_partners.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::WaitKind;

// Bugs whose objects are told apart by type: those with most goroutines.
constexpr std::size_t kTypedBugs = 16;

// One bug: groups of goroutines that differ only in line numbers or in why they wait.
struct Bug {
  GoroutineBundle groups;  ///< largest first
  std::uint64_t goroutines = 0;
  std::uint64_t stack_bytes = 0;
};

std::vector<Bug> bugs_among(const Evidence& evidence) {
  std::map<std::string, std::size_t> index;
  std::vector<Bug> bugs;
  if (evidence.leaked.count == 0) return bugs;
  for (const GoroutineGroup& group : evidence.goroutine_groups) {
    if (group.verdict != GoroutineVerdict::kLeaked) continue;
    // A group is at one place, so that a known leak accounts for all of it.
    if (is_of_known_leak(evidence, group.members.front())) continue;
    auto [found, added] = index.emplace(functions_of(evidence.snapshot, group), bugs.size());
    if (added) bugs.emplace_back();
    Bug& bug = bugs[found->second];
    bug.groups.push_back(&group);
    bug.goroutines += group.members.size();
    bug.stack_bytes += group.stack_bytes;
  }
  return bugs;
}

std::string why_text(const GoroutineGroup& group) {
  bool many = group.members.size() != 1;
  switch (group.wait_kind) {
    case WaitKind::kNever:
      return many ? "they wait on nothing that exists (a nil channel or an empty select): nothing "
                    "can wake them"
                  : "it waits on nothing that exists (a nil channel or an empty select): nothing "
                    "can wake it";
    case WaitKind::kMutex:
      return "nothing that can still run reaches the lock, so nobody will ever unlock it";
    case WaitKind::kCondition:
      return "nothing that can still run reaches the condition variable, so nobody will ever "
             "signal it";
    case WaitKind::kWaitGroup:
      return "nothing that can still run reaches the wait group, so nobody will ever call Done";
    case WaitKind::kSelect:
      return "nothing that can still run reaches any channel of the select, so none of its cases "
             "can ever become ready";
    default:
      return "nothing that can still run reaches the channel, so nobody will ever send, receive or "
             "close";
  }
}

std::string remedy_text(const Snapshot& snapshot, const GoroutineGroup& group) {
  const std::string& reason = snapshot.strings.text(group.wait_reason);
  switch (group.wait_kind) {
    case WaitKind::kNever:
      return reason.starts_with("select")
                 ? "return from the goroutine instead of ending it in select {}"
                 : "make the channel before it is used; it is nil here";
    case WaitKind::kMutex:
      return "unlock on every way out (defer mu.Unlock()); whoever held this lock is gone or hangs "
             "as well";
    case WaitKind::kCondition:
      return "call Signal or Broadcast after every change of what is waited for, on errors too";
    case WaitKind::kWaitGroup:
      return "call Done on every way out (defer wg.Done() as the first line), and Add before go";
    case WaitKind::kSelect:
      return "add a case that ends the wait (<-ctx.Done()), and cancel the context when the other "
             "side stops";
    default:
      break;
  }
  if (reason.starts_with("chan send"))
    return "make the channel buffered for what is sent without a receiver (capacity 1 for one "
           "result), or select on ctx.Done() beside the send";
  return "close the channel when its last sender is done, or select on ctx.Done() beside the "
         "receive";
}

// What is told of a bug beside the goroutines themselves.
struct Background {
  graph::Extent held;
  std::vector<TypeShare> types;
  WaitPartners partners;
};

void add_evidence(Finding& finding, const Bug& bug, const Background& background,
                  const Evidence& evidence, bool proven) {
  const GoroutineGroup& largest = *bug.groups.front();
  std::string each = "holds " + to_text(ByteSize(finding.bytes.bytes() / bug.goroutines)) +
                     " of heap and a stack of " +
                     to_text(ByteSize(bug.stack_bytes / bug.goroutines));
  if (bug.goroutines > 1)
    finding.evidence.push_back(
        {"each", each + "; all stacks together " + to_text(ByteSize(bug.stack_bytes))});
  else
    finding.evidence.push_back({"it", each});
  if (std::string mostly = to_text(background.types); !mostly.empty())
    finding.evidence.push_back({"of it", mostly});
  if (std::string waited = waited_text(largest); !waited.empty())
    finding.evidence.push_back({"since", waited});
  std::string expected = expected_text(evidence.snapshot, largest, background.partners);
  if (!expected.empty()) finding.evidence.push_back({"expected", expected});
  finding.evidence.push_back({"why", why_text(largest)});
  std::string proof =
      "reachability from all package variables, goroutines that can run, timers "
      "and finalizers: 0 of " +
      count_text(bug.goroutines) + " reached";
  if (!proven) proof += "; not all memory and stacks could be read, so this is not a proof";
  finding.evidence.push_back({proven ? "proof" : "shown by", proof});
  if (evidence.snapshot.runtime.collecting)
    finding.evidence.push_back({"note", "the collector was marking at that instant"});
}

Finding describe(const Bug& bug, const Background& background, const Evidence& evidence,
                 bool proven) {
  const GoroutineGroup& largest = *bug.groups.front();
  bool one = bug.goroutines == 1;
  Finding finding;
  finding.scenario = "hung-goroutine";
  finding.permanence = Permanence::kPermanent;
  finding.confidence = proven ? Confidence::kProven : Confidence::kLikely;
  finding.bytes = background.held.bytes;
  finding.removal = removal_of(evidence.snapshot, bug.groups);
  finding.count = bug.goroutines;
  finding.origin = origin_of(evidence.snapshot, largest);
  finding.title = counted(bug.goroutines, "goroutine") + (one ? " hangs" : " hang") +
                  " for ever in " + place_name(evidence.snapshot, largest.stack) +
                  (one ? " and holds " : " and hold ") + to_text(background.held.bytes);
  finding.remedy = remedy_text(evidence.snapshot, largest);
  add_evidence(finding, bug, background, evidence, proven);
  finding.fingerprint = fingerprint_of(finding);
  // What they happen to hold most of is not what makes the bug the same one tomorrow.
  if (!background.types.empty()) finding.type = background.types.front().type;
  return finding;
}

}  // namespace

std::vector<Finding> find_hung_goroutines(const Evidence& evidence) {
  std::vector<Bug> bugs = bugs_among(evidence);
  if (bugs.empty()) return {};
  std::vector<GoroutineBundle> bundles;
  for (const Bug& bug : bugs) bundles.push_back(bug.groups);
  RootGroups held = holdings_of(evidence.graph, bundles);
  bool proven = everything_was_read(evidence.snapshot);
  std::vector<std::vector<TypeShare>> types =
      types_held(evidence, held, static_cast<std::uint32_t>(std::min(bugs.size(), kTypedBugs)));
  types.resize(bugs.size());
  std::vector<WaitPartners> partners = wait_partners(evidence, bundles);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < bugs.size(); ++i) {
    Background background{held.exclusive()[i + 1], std::move(types[i]), std::move(partners[i])};
    findings.push_back(describe(bugs[i], background, evidence, proven));
  }
  return findings;
}

}  // namespace seep::analysis
