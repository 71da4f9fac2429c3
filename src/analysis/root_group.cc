#include "analysis/root_group.h"

#include "analysis/goroutine_groups.h"

namespace seep::analysis {

using snapshot::GcRoot;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::Snapshot;

std::string root_group_name(const Snapshot& snapshot, RootId id) {
  const GcRoot& root = snapshot.roots[id];
  switch (root.kind) {
    case RootKind::kGoroutine:
      return root.goroutine < snapshot.goroutines.size()
                 ? place_name(snapshot, snapshot.goroutines[root.goroutine].stack)
                 : "?";
    case RootKind::kFinalizer:
      return "finalizers";
    case RootKind::kCleanup:
      return "cleanups";
    case RootKind::kWeakHandle:
      return "weak handles";
    case RootKind::kQueue:
      return "finalizers that wait to run";
    case RootKind::kCleanupQueue:
      return "cleanups that wait to run";
    case RootKind::kInHand:
      return "what the runtime was working on";
    case RootKind::kTimer:
      return root.name ? "timers of " + snapshot.strings.text(root.name) : "timers";
    default:
      return snapshot.strings.text(root.name);
  }
}

}  // namespace seep::analysis
