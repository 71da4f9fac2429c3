// A thousand goroutines at one place may be a busy server, an idle pool, or a leak behind something
// that the program keeps but never uses again. One snapshot cannot tell which, so this is never
// more than possible; it says how many, since when, and what they hold.
//
// Goroutines that wait for very few things together are workers of a pool and are not reported,
// unless they wait for a lock: nobody keeps a pool of those.
#include "analysis/scenarios/goroutine_pileup.h"

#include <algorithm>
#include <map>
#include <string>

#include "analysis/goroutine_holdings.h"
#include "analysis/goroutine_origin.h"
#include "analysis/scenarios/known_leak_match.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::WaitKind;

constexpr std::uint64_t kMany = 1000;
constexpr std::uint64_t kManyOfShare = 200;  ///< enough if they are most of all goroutines

struct Pile {
  const GoroutineGroup* largest = nullptr;
  GoroutineBundle groups;
  std::uint64_t goroutines = 0;
  std::uint64_t stack_bytes = 0;
  std::uint64_t wait_objects = 0;
};

bool is_idle_pool(const Pile& pile) {
  WaitKind kind = pile.largest->wait_kind;
  bool message =
      kind == WaitKind::kChannel || kind == WaitKind::kSelect || kind == WaitKind::kCondition;
  return message && pile.wait_objects * 20 <= pile.goroutines;
}

std::vector<Pile> piles_among(const Evidence& evidence) {
  std::map<std::string, std::size_t> index;
  std::vector<Pile> piles;
  std::uint64_t all = 0;
  for (const GoroutineGroup& group : evidence.goroutine_groups) {
    if (group.system || group.parked_main) continue;
    all += group.members.size();
    if (group.verdict == GoroutineVerdict::kLeaked || group.verdict == GoroutineVerdict::kStuck)
      continue;
    auto [found, added] = index.emplace(functions_of(evidence.snapshot, group), piles.size());
    if (added) piles.emplace_back();
    Pile& pile = piles[found->second];
    if (pile.largest == nullptr) pile.largest = &group;
    pile.groups.push_back(&group);
    pile.goroutines += group.members.size();
    pile.stack_bytes += group.stack_bytes;
    pile.wait_objects += group.wait_objects;
  }
  std::erase_if(piles, [&](const Pile& pile) {
    bool many =
        pile.goroutines >= kMany || (pile.goroutines >= kManyOfShare && pile.goroutines * 2 >= all);
    return !many || is_idle_pool(pile);
  });
  std::erase_if(piles, [&](const Pile& pile) {
    return is_of_known_leak(evidence, pile.largest->members.front());
  });
  return piles;
}

std::string waits_for_text(const Snapshot& snapshot, const Pile& pile) {
  const std::string& reason = snapshot.strings.text(pile.largest->wait_reason);
  if (reason.empty()) return "they can run, or are in system calls";
  std::string text = "they wait (" + reason + ")";
  if (pile.wait_objects > 0)
    text += " for " + count_text(pile.wait_objects) +
            (pile.wait_objects == 1 ? " channel or lock" : " different channels or locks");
  return text + ", which something that can still run reaches; so nothing is proven";
}

std::string remedy_text(const Pile& pile) {
  switch (pile.largest->wait_kind) {
    case WaitKind::kMutex:
      return "look for who holds the lock: a holder that waits for something slow, or forgot to "
             "unlock on one way out";
    case WaitKind::kOther:
    case WaitKind::kNone:
      return "if their number follows the load, it is load; bound it (a semaphore, a limit of "
             "connections, timeouts) if it can outgrow the memory";
    default:
      return "look whether anyone still uses what they wait for: a channel kept in a map or list "
             "that nobody reads again keeps them waiting; select on ctx.Done() beside it";
  }
}

Finding describe(const Pile& pile, graph::Extent held, const Evidence& evidence) {
  const Snapshot& snapshot = evidence.snapshot;
  Finding finding;
  finding.scenario = "goroutine-pileup";
  finding.permanence = Permanence::kUnknown;
  finding.confidence = Confidence::kPossible;
  finding.bytes = held.bytes;
  finding.removal = removal_of(snapshot, pile.groups);
  finding.count = pile.goroutines;
  finding.origin = origin_of(snapshot, *pile.largest);
  finding.title = counted(pile.goroutines, "goroutine") + " are in " +
                  place_name(snapshot, pile.largest->stack) + " and hold " + to_text(held.bytes);
  finding.evidence.push_back(
      {"each", "holds " + to_text(ByteSize(held.bytes.bytes() / pile.goroutines)) +
                   " of heap and a stack of " +
                   to_text(ByteSize(pile.stack_bytes / pile.goroutines)) +
                   "; all stacks together " + to_text(ByteSize(pile.stack_bytes))});
  if (std::string waited = waited_text(*pile.largest); !waited.empty())
    finding.evidence.push_back({"since", waited});
  finding.evidence.push_back({"why", waits_for_text(snapshot, pile)});
  finding.remedy = remedy_text(pile);
  finding.fingerprint = fingerprint_of(finding);
  return finding;
}

}  // namespace

std::vector<Finding> find_goroutine_pileups(const Evidence& evidence) {
  std::vector<Pile> piles = piles_among(evidence);
  if (piles.empty()) return {};
  std::vector<GoroutineBundle> bundles;
  for (const Pile& pile : piles) bundles.push_back(pile.groups);
  RootGroups held = holdings_of(evidence.graph, bundles);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < piles.size(); ++i)
    findings.push_back(describe(piles[i], held.exclusive()[i + 1], evidence));
  return findings;
}

}  // namespace seep::analysis
