#include "analysis/scenarios/finalizer_queue.h"

#include <algorithm>
#include <optional>
#include <string>

#include "analysis/exclusive_bytes.h"
#include "analysis/goroutine_origin.h"
#include "analysis/held_types.h"
#include "base/count_text.h"

namespace seep::analysis {
namespace {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::QueueDuty;
using snapshot::RootKind;
using snapshot::Snapshot;
using snapshot::StackFrame;

constexpr std::uint64_t kMany = 100;
constexpr ByteSize kMuch{std::uint64_t{1} << 20};

// The finalizer or cleanup that a goroutine is in: the outermost frame that is the program's.
std::string running_function(const Snapshot& snapshot, const Goroutine& goroutine) {
  const std::vector<StackFrame>& frames = snapshot.stacks[goroutine.stack];
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    const std::string& name = snapshot.strings.text(frame->function);
    if (!name.empty() && !name.starts_with("runtime.")) return name;
  }
  return {};
}

struct Blocked {
  std::uint32_t goroutine = 0;  ///< the one that has waited longest
  std::string function;
  std::uint64_t goroutines = 0;
  bool for_ever = true;  ///< all of them
};

// Nothing if one of those who work off the queue can go on, or none has begun.
std::optional<Blocked> all_blocked(const Evidence& evidence, QueueDuty duty) {
  const std::vector<Goroutine>& goroutines = evidence.snapshot.goroutines;
  Blocked blocked;
  double longest = -1;
  for (std::uint32_t i = 0; i < goroutines.size(); ++i) {
    if (goroutines[i].duty != duty) continue;
    std::string function = running_function(evidence.snapshot, goroutines[i]);
    if (!snapshot::is_waiting(goroutines[i].status) || function.empty()) return std::nullopt;
    ++blocked.goroutines;
    blocked.for_ever = blocked.for_ever && evidence.leaked.never_runs_again.test(i);
    if (goroutines[i].wait_seconds.value_or(0) <= longest) continue;
    longest = goroutines[i].wait_seconds.value_or(0);
    blocked.goroutine = i;
    blocked.function = std::move(function);
  }
  if (blocked.goroutines == 0) return std::nullopt;
  return blocked;
}

const GoroutineGroup* group_with(const Evidence& evidence, std::uint32_t goroutine) {
  for (const GoroutineGroup& group : evidence.goroutine_groups)
    if (std::ranges::find(group.members, goroutine) != group.members.end()) return &group;
  return nullptr;
}

// An entry of the queue is an object, a function if that is a closure, or both.
std::uint64_t entries_waiting(const Snapshot& snapshot, RootKind queue) {
  std::uint64_t objects = 0, closures = 0;
  for (const GcRoot& root : snapshot.roots.roots) {
    if (root.kind != queue) continue;
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      std::uint32_t target = snapshot.roots.references[root.first_reference + i].target.value;
      bool closure = target < snapshot.heap.claims.size() &&
                     snapshot.heap.claims[target].source() == snapshot::ClaimSource::kClosure;
      ++(closure ? closures : objects);
    }
  }
  return std::max(objects, closures);
}

// The functions of the runtime in between have other names in other releases.
std::vector<OriginFrame> origin_in_program(const Evidence& evidence, std::uint32_t goroutine) {
  const GoroutineGroup* group = group_with(evidence, goroutine);
  if (group == nullptr) return {};
  std::vector<OriginFrame> origin = origin_of(evidence.snapshot, *group);
  std::erase_if(origin,
                [](const OriginFrame& frame) { return frame.function.starts_with("runtime."); });
  return origin;
}

std::optional<Finding> look_at(const Evidence& evidence, RootKind queue, QueueDuty duty) {
  const Snapshot& snapshot = evidence.snapshot;
  bool finalizers = duty == QueueDuty::kFinalizers;
  std::uint64_t waiting = entries_waiting(snapshot, queue);
  // The finalizer that runs is still in the queue.
  if (finalizers && waiting > 0) --waiting;
  if (waiting == 0) return std::nullopt;
  std::optional<Blocked> blocked = all_blocked(evidence, duty);
  if (!blocked) return std::nullopt;

  std::vector<std::uint32_t> group_of_root(snapshot.roots.roots.size());
  for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i)
    if (snapshot.roots.roots[i].kind == queue) group_of_root[i] = 1;
  RootGroups held(evidence.graph, group_of_root, 1);
  std::vector<TypeShare> types = types_held(evidence, held, 1).front();

  const Goroutine& goroutine = snapshot.goroutines[blocked->goroutine];
  Finding finding;
  finding.scenario = "finalizer-queue";
  finding.permanence = blocked->for_ever ? Permanence::kPermanent : Permanence::kTemporary;
  finding.bytes = held.exclusive()[1].bytes;
  for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i)
    if (group_of_root[i] == 1) finding.removal.cut.roots.push_back(snapshot::RootId{i});
  finding.count = waiting;
  bool worth_it = waiting >= kMany || finding.bytes >= kMuch;
  // Without a time it began to wait after the last collection: that is no time yet.
  if (worth_it && goroutine.wait_seconds) finding.confidence = Confidence::kLikely;
  if (worth_it && blocked->for_ever) finding.confidence = Confidence::kProven;
  finding.holder = {{finalizers ? HolderKind::kFinalizer : HolderKind::kCleanup,
                     finalizers ? "queue of finalizers" : "queue of cleanups", ""}};
  finding.origin = origin_in_program(evidence, blocked->goroutine);
  finding.fingerprint = fingerprint_of(finding);
  if (!types.empty()) finding.type = types.front().type;
  finding.title = std::string(finalizers ? "the finalizer " : "the cleanup ") + blocked->function +
                  " does not return, and " + counted(waiting, finalizers ? "object" : "cleanup") +
                  (waiting == 1 ? " waits" : " wait") + " behind it";
  if (std::string mostly = to_text(types); !mostly.empty())
    finding.evidence.push_back({"of it", mostly});
  if (goroutine.wait_seconds.value_or(0) >= 1)
    finding.evidence.push_back({"since", duration_text(*goroutine.wait_seconds)});
  finding.evidence.push_back(
      {"why", finalizers ? "one goroutine runs all finalizers, one after the other; while one of "
                           "them waits, no other object with a finalizer is freed"
                         : "all " + counted(blocked->goroutines, "goroutine") +
                               " that run cleanups wait inside one; until one goes on, no other "
                               "cleanup runs"});
  finding.evidence.push_back(
      blocked->for_ever
          ? EvidenceLine{"proof", "nothing that can still run reaches what it waits for"}
          : EvidenceLine{"rule",
                         "what it waits for is still reached, so the program may let it "
                         "go on"});
  finding.remedy = "let " + blocked->function +
                   " do no more than release its resource; what may block (a lock, a channel, the "
                   "network) belongs into a goroutine that it starts";
  return finding;
}

}  // namespace

std::vector<Finding> find_blocked_finalizers(const Evidence& evidence) {
  std::vector<Finding> findings;
  for (auto [queue, duty] : {std::pair{RootKind::kQueue, QueueDuty::kFinalizers},
                             std::pair{RootKind::kCleanupQueue, QueueDuty::kCleanups}})
    if (std::optional<Finding> finding = look_at(evidence, queue, duty))
      findings.push_back(std::move(*finding));
  return findings;
}

}  // namespace seep::analysis
