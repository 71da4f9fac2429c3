// From references of the graph to the steps of a holder path, in words of Go types.
#include "analysis/goroutine_groups.h"
#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"
#include "graph/reference_path.h"

namespace seep::analysis {

using snapshot::GcRoot;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::TypeTable;

namespace {

HolderKind kind_of(graph::StepKind kind) {
  switch (kind) {
    case graph::StepKind::kField:
      return HolderKind::kField;
    case graph::StepKind::kElement:
      return HolderKind::kElement;
    case graph::StepKind::kKey:
      return HolderKind::kKey;
    case graph::StepKind::kValue:
      return HolderKind::kValue;
    case graph::StepKind::kCapture:
      return HolderKind::kCapture;
  }
  return HolderKind::kField;
}

// A variable of one word, by the object that it points to.
std::string type_of_word(const Snapshot& snapshot, const graph::TypeAssignment& types,
                         const GcRoot& root) {
  if (!is_place_in_section(snapshot.strings.text(root.name)) || root.reference_count != 1)
    return {};
  const RootReference& word = snapshot.roots.references[root.first_reference];
  snapshot::TypeId type = types.of(word.target);
  if (type.is_none() || word.interior || word.offset != 0) return {};
  std::string name = graph::object_type_name(snapshot.types, types, word.target);
  // The runtime's own allocations are named after what the program calls the whole.
  bool is_whole = snapshot.types[type].synthetic || name != snapshot.types[type].name;
  return is_whole ? name : "*" + name;
}

}  // namespace

std::vector<HolderStep> holder_steps(const TypeTable& types, snapshot::TypeId source,
                                     std::uint64_t offset) {
  std::vector<HolderStep> steps;
  for (const graph::PathStep& step : graph::reference_steps(types, source, offset)) {
    const snapshot::GoType& type = types[step.type];
    // Into the entries of a map: how they lie differs from release to release, and the next step
    // says whether it is a key or a value.
    bool into_entries = step.kind == graph::StepKind::kElement && type.synthetic &&
                        type.name.ends_with(" (entries)");
    if (!into_entries) steps.push_back({kind_of(step.kind), step.name, type.name});
  }
  return steps;
}

HolderStep root_step(const Snapshot& snapshot, const graph::TypeAssignment& types,
                     snapshot::RootId id) {
  const GcRoot& root = snapshot.roots[id];
  const std::string& type = snapshot.types[root.type].name;
  switch (root.kind) {
    case RootKind::kGoroutine: {
      if (root.goroutine >= snapshot.goroutines.size())
        return {HolderKind::kGoroutine, "goroutine", ""};
      const snapshot::Goroutine& goroutine = snapshot.goroutines[root.goroutine];
      return {HolderKind::kGoroutine, "goroutine in " + place_name(snapshot, goroutine.stack), ""};
    }
    case RootKind::kFinalizer:
      return {HolderKind::kFinalizer, "finalizer", type};
    case RootKind::kCleanup:
      return {HolderKind::kCleanup, "cleanup", type};
    case RootKind::kWeakHandle:
      return {HolderKind::kFinalizer, "weak handle", type};
    case RootKind::kQueue:
      return {HolderKind::kFinalizer, "queue of finalizers", type};
    case RootKind::kCleanupQueue:
      return {HolderKind::kCleanup, "queue of cleanups", type};
    case RootKind::kInHand:
      return {HolderKind::kGlobal, "what the runtime was working on", type};
    case RootKind::kTimer: {
      const std::string& function = snapshot.strings.text(root.name);
      return {HolderKind::kTimer, function.empty() ? "timer" : "timer of " + function, type};
    }
    default:
      return {HolderKind::kGlobal, snapshot.strings.text(root.name),
              root.type.is_none() ? type_of_word(snapshot, types, root) : type};
  }
}

std::vector<HolderStep> root_reference_steps(const Snapshot& snapshot, const GcRoot& root,
                                             const RootReference& reference) {
  std::vector<HolderStep> steps;
  if (root.kind == RootKind::kGoroutine) {
    std::string name = snapshot.strings.text(reference.name);
    if (root.goroutine < snapshot.goroutines.size()) {
      const std::vector<snapshot::StackFrame>& frames =
          snapshot.stacks[snapshot.goroutines[root.goroutine].stack];
      if (reference.frame < frames.size()) {
        if (name.empty()) name = "local variable";
        name += " of " + snapshot.strings.text(frames[reference.frame].function);
      }
    }
    steps.push_back({HolderKind::kFrame, name, snapshot.types[reference.type].name});
  }
  for (HolderStep& step : holder_steps(snapshot.types, reference.type, reference.offset))
    steps.push_back(std::move(step));
  return steps;
}

}  // namespace seep::analysis
