// What keeps the proof from being one is that something which can run still reaches the channel or
// lock: a registry, a package variable. Whether anybody will ever use it, a snapshot cannot tell.
// So these are never proven. They are likely where nobody who can run has it in his variables and
// the wait is one that no sound program knows: minutes for a lock, an hour for messages that a
// material share of the heap waits for.
#include "analysis/scenarios/stuck_goroutine.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "analysis/goroutine_holdings.h"
#include "analysis/goroutine_origin.h"
#include "analysis/holder_path.h"
#include "analysis/material_share.h"
#include "analysis/scenarios/known_leak_match.h"
#include "analysis/wait_partners.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::WaitKind;

constexpr double kVeryLongLockWaitSeconds = 600;
constexpr double kVeryLongWaitSeconds = 3600;
constexpr std::uint64_t kQueueForLock = 10;  ///< so many in line for a lock are no accident

struct Stuck {
  GoroutineBundle groups;  ///< largest first
  std::uint64_t goroutines = 0;
  std::uint64_t stack_bytes = 0;
  double waited_s = 0;  ///< the shortest wait of any
};

std::vector<Stuck> stuck_among(const Evidence& evidence) {
  std::map<std::string, std::size_t> index;
  std::vector<Stuck> all;
  for (const GoroutineGroup& group : evidence.goroutine_groups) {
    if (group.verdict != GoroutineVerdict::kStuck) continue;
    auto [found, added] = index.emplace(functions_of(evidence.snapshot, group), all.size());
    if (added) all.emplace_back();
    Stuck& stuck = all[found->second];
    double waited = group.wait_s_min.value_or(0);
    stuck.waited_s = added ? waited : std::min(stuck.waited_s, waited);
    stuck.groups.push_back(&group);
    stuck.goroutines += group.members.size();
    stuck.stack_bytes += group.stack_bytes;
  }
  std::erase_if(all, [&](const Stuck& stuck) {
    return is_of_known_leak(evidence, stuck.groups.front()->members.front());
  });
  return all;
}

bool waits_for_lock(const Stuck& stuck) {
  return stuck.groups.front()->wait_kind == WaitKind::kMutex;
}

Confidence confidence_of(const Evidence& evidence, const Stuck& stuck, ByteSize bytes,
                         const WaitPartners& partners) {
  if (partners.any_can_run()) return Confidence::kPossible;
  // Who holds a lock in a package variable cannot be told; but nobody holds it for ten minutes.
  bool likely = waits_for_lock(stuck)
                    ? !partners.outside_heap || (stuck.waited_s >= kVeryLongLockWaitSeconds &&
                                                 stuck.goroutines >= kQueueForLock)
                    : stuck.waited_s >= kVeryLongWaitSeconds && is_material(evidence, bytes);
  return likely ? Confidence::kLikely : Confidence::kPossible;
}

std::string why_text(const Stuck& stuck, const WaitPartners& partners) {
  std::string what = waits_for_lock(stuck) ? "lock" : "channel";
  if (partners.outside_heap)
    return "the " + what + " is a package variable, which anybody may use, so nothing is proven";
  return "something that can run still reaches the " + what + ", so nothing is proven";
}

std::string remedy_text(const Stuck& stuck) {
  if (waits_for_lock(stuck))
    return "look for who took the lock last: unlock on every way out (defer mu.Unlock()), and do "
           "not wait for anything slow while it is held";
  return "look whether anyone still uses what they wait for: remove it from where it is kept when "
         "the other side goes, and close it, or select on ctx.Done() beside it";
}

class Describer {
 public:
  Describer(const Evidence& evidence, const std::vector<Stuck>& all)
      : evidence_(evidence), own_roots_(evidence.snapshot.roots.roots.size()) {
    for (const Stuck& stuck : all)
      for (const GoroutineGroup* group : stuck.groups)
        for (std::uint32_t member : group->members)
          own_roots_.set(evidence.snapshot.goroutines[member].root.value);
  }

  Finding describe(const Stuck& stuck, graph::Extent held, const WaitPartners& partners) {
    const GoroutineGroup& largest = *stuck.groups.front();
    Finding finding;
    finding.scenario = "hung-goroutine";
    finding.permanence = Permanence::kUnknown;
    finding.confidence = confidence_of(evidence_, stuck, held.bytes, partners);
    finding.bytes = held.bytes;
    finding.removal = removal_of(evidence_.snapshot, stuck.groups);
    finding.count = stuck.goroutines;
    finding.origin = origin_of(evidence_.snapshot, largest);
    finding.fingerprint = fingerprint_of(finding);
    // Which of many channels is the example may differ from day to day.
    finding.holder = way_to_waited_for(largest);
    finding.title = counted(stuck.goroutines, "goroutine") + " stuck in " +
                    place_name(evidence_.snapshot, largest.stack) + " for " +
                    duration_text(stuck.waited_s) + " and more, holding " + to_text(held.bytes);
    finding.evidence.push_back(
        {"each", "holds " + to_text(ByteSize(held.bytes.bytes() / stuck.goroutines)) +
                     " of heap and a stack of " +
                     to_text(ByteSize(stuck.stack_bytes / stuck.goroutines))});
    if (std::string waited = waited_text(largest); !waited.empty())
      finding.evidence.push_back({"since", waited});
    finding.evidence.push_back({"expected", expected_text(evidence_.snapshot, largest, partners)});
    finding.evidence.push_back({"why", why_text(stuck, partners)});
    finding.remedy = remedy_text(stuck);
    return finding;
  }

 private:
  // Not the way from those that wait: from who keeps it besides.
  std::vector<HolderStep> way_to_waited_for(const GoroutineGroup& group) {
    const snapshot::Goroutine& goroutine = evidence_.snapshot.goroutines[group.members.front()];
    for (const snapshot::WaitObject& wait : goroutine.waits_for) {
      if (!evidence_.snapshot.heap.is_object(wait.object)) continue;
      if (!paths_) paths_.emplace(evidence_.graph, &own_roots_);
      return path_to(evidence_.graph, *paths_, evidence_.types,
                     graph::ObjectGraph::node(wait.object));
    }
    return {};
  }

  const Evidence& evidence_;
  Bitmap own_roots_;                       ///< of all that are stuck, by root id
  std::optional<graph::RootPaths> paths_;  ///< a search of the whole heap
};

}  // namespace

std::vector<Finding> find_stuck_goroutines(const Evidence& evidence) {
  std::vector<Stuck> all = stuck_among(evidence);
  if (all.empty()) return {};
  std::vector<GoroutineBundle> bundles;
  for (const Stuck& stuck : all) bundles.push_back(stuck.groups);
  RootGroups held = holdings_of(evidence.graph, bundles);
  std::vector<WaitPartners> partners = wait_partners(evidence, bundles);
  Describer describer(evidence, all);
  std::vector<Finding> findings;
  for (std::size_t i = 0; i < all.size(); ++i)
    findings.push_back(describer.describe(all[i], held.exclusive()[i + 1], partners[i]));
  return findings;
}

}  // namespace seep::analysis
