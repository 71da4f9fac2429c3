#include "analysis/goroutine_groups.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string_view>
#include <tuple>

namespace seep::analysis {
namespace {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::Snapshot;
using snapshot::StackFrame;
using snapshot::StackId;
using snapshot::WaitKind;

// With one snapshot age is all there is to go by. A minute is a long wait for a lock and five a
// long wait for a message; a thousand at one place are a pile rather than a pool.
constexpr double kLongLockWaitSeconds = 60;
constexpr double kLongWaitSeconds = 300;
constexpr std::size_t kPile = 1000;

GoroutineVerdict verdict_of(const Goroutine& goroutine, bool never_runs_again, bool parked_main) {
  if (never_runs_again && !parked_main) return GoroutineVerdict::kLeaked;
  switch (goroutine.status) {
    case GoroutineStatus::kWaiting:
    case GoroutineStatus::kLeaked:
      return GoroutineVerdict::kWaiting;
    default:
      return GoroutineVerdict::kRunning;
  }
}

bool is_stuck(const GoroutineGroup& group) {
  if (group.verdict != GoroutineVerdict::kWaiting || group.system || group.parked_main)
    return false;
  double waited = group.wait_s_min.value_or(0);
  switch (group.wait_kind) {
    case WaitKind::kMutex:
      return waited >= kLongLockWaitSeconds && group.members.size() > 1;
    case WaitKind::kChannel:
    case WaitKind::kSelect:
    case WaitKind::kCondition:
    case WaitKind::kWaitGroup:
      // Workers of an idle pool all wait for the same few things, each of a pile for its own.
      return waited >= kLongWaitSeconds && group.members.size() >= kPile &&
             group.wait_objects >= group.members.size() / 2;
    default:
      return false;
  }
}

auto frame_key(const StackFrame& frame) {
  return std::tuple(frame.function.value, frame.file.value, frame.line);
}

void add_member(GoroutineGroup& group, const Goroutine& goroutine, std::uint32_t index) {
  group.members.push_back(index);
  group.stack_bytes += goroutine.stack_bytes;
  double waited = goroutine.wait_seconds.value_or(0);
  if (!snapshot::is_waiting(goroutine.status)) return;
  group.wait_s_min = std::min(group.wait_s_min.value_or(waited), waited);
  group.wait_s_max = std::max(group.wait_s_max.value_or(waited), waited);
}

std::uint64_t count_wait_objects(const Snapshot& snapshot, const GoroutineGroup& group) {
  std::set<Address> objects;
  for (std::uint32_t member : group.members)
    for (const snapshot::WaitObject& wait : snapshot.goroutines[member].waits_for)
      objects.insert(wait.address);
  return objects.size();
}

bool only_passes_a_wait_on(std::string_view function) {
  static constexpr std::array<std::string_view, 6> kPrefixes = {
      "runtime.", "internal/", "sync.", "sync/", "syscall.", "time.Sleep"};
  return std::any_of(kPrefixes.begin(), kPrefixes.end(),
                     [&](std::string_view prefix) { return function.starts_with(prefix); });
}

}  // namespace

const char* to_text(GoroutineVerdict verdict) {
  switch (verdict) {
    case GoroutineVerdict::kRunning:
      return "running";
    case GoroutineVerdict::kWaiting:
      return "waiting";
    case GoroutineVerdict::kStuck:
      return "stuck";
    case GoroutineVerdict::kLeaked:
      return "leaked";
  }
  return "waiting";
}

const char* status_text(GoroutineStatus status) {
  switch (status) {
    case GoroutineStatus::kIdle:
      return "idle";
    case GoroutineStatus::kRunnable:
      return "runnable";
    case GoroutineStatus::kRunning:
      return "running";
    case GoroutineStatus::kSyscall:
      return "syscall";
    case GoroutineStatus::kWaiting:
      return "waiting";
    case GoroutineStatus::kDead:
      return "dead";
    case GoroutineStatus::kCopyStack:
      return "copystack";
    case GoroutineStatus::kPreempted:
      return "preempted";
    case GoroutineStatus::kLeaked:
      return "leaked";
  }
  return "idle";
}

std::vector<GoroutineGroup> group_goroutines(const Snapshot& snapshot,
                                             const LeakedGoroutines& leaked) {
  using FrameKey = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>;
  using Key = std::tuple<GoroutineVerdict, GoroutineStatus, WaitKind, std::uint32_t, std::uint32_t,
                         FrameKey, bool, bool>;
  std::map<Key, std::size_t> index;
  std::vector<GoroutineGroup> groups;
  for (std::uint32_t i = 0; i < snapshot.goroutines.size(); ++i) {
    const Goroutine& goroutine = snapshot.goroutines[i];
    if (goroutine.status == GoroutineStatus::kDead || goroutine.status == GoroutineStatus::kIdle)
      continue;
    bool parked_main = is_parked_main(goroutine, snapshot);
    GoroutineVerdict verdict = verdict_of(goroutine, leaked.never_runs_again.test(i), parked_main);
    Key key{verdict,
            goroutine.status,
            goroutine.wait_kind,
            goroutine.wait_reason.value,
            goroutine.stack.value,
            frame_key(goroutine.created_by),
            goroutine.system,
            parked_main};
    auto [found, added] = index.emplace(key, groups.size());
    if (added) {
      GoroutineGroup group;
      group.verdict = verdict;
      group.status = goroutine.status;
      group.wait_kind = goroutine.wait_kind;
      group.wait_reason = goroutine.wait_reason;
      group.stack = goroutine.stack;
      group.created_by = goroutine.created_by;
      group.system = goroutine.system;
      group.parked_main = parked_main;
      groups.push_back(std::move(group));
    }
    add_member(groups[found->second], goroutine, i);
  }
  for (GoroutineGroup& group : groups) {
    group.wait_objects = count_wait_objects(snapshot, group);
    if (is_stuck(group)) group.verdict = GoroutineVerdict::kStuck;
  }
  std::stable_sort(groups.begin(), groups.end(),
                   [](const GoroutineGroup& a, const GoroutineGroup& b) {
                     return a.members.size() > b.members.size();
                   });
  return groups;
}

std::size_t place_of(const Snapshot& snapshot, StackId stack) {
  const std::vector<StackFrame>& frames = snapshot.stacks[stack];
  for (std::size_t i = 0; i < frames.size(); ++i)
    if (!only_passes_a_wait_on(snapshot.strings.text(frames[i].function))) return i;
  return 0;
}

std::string place_name(const Snapshot& snapshot, StackId stack) {
  const std::vector<StackFrame>& frames = snapshot.stacks[stack];
  if (frames.empty()) return "?";
  return snapshot.strings.text(frames[place_of(snapshot, stack)].function);
}

}  // namespace seep::analysis
