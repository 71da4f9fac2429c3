#include "analysis/completeness.h"

namespace seep::analysis {

using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::Snapshot;

namespace {

ByteSize untyped_bytes(const Heap& heap, const graph::TypeAssignment& types,
                       const graph::Reachability& reachable) {
  ByteSize bytes;
  for (const snapshot::Span& span : heap.spans) {
    std::uint64_t untyped = 0;
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      ObjectId id{span.first.value + slot};
      if (types.of(id).is_none() && reachable.reached(id)) ++untyped;
    }
    bytes += ByteSize(untyped * span.slot_bytes);
  }
  return bytes;
}

}  // namespace

Completeness measure_completeness(const Snapshot& snapshot, const graph::TypeAssignment& types,
                                  const graph::Reachability& reachable) {
  Completeness read;
  graph::Extent allocated = graph::extent_of(snapshot.heap, snapshot.heap.allocated);
  graph::Extent reached = reachable.extent();
  read.objects = allocated.objects;
  read.object_bytes = allocated.bytes;
  read.reachable_objects = reached.objects;
  read.reachable_bytes = reached.bytes;
  read.untyped_bytes = untyped_bytes(snapshot.heap, types, reachable);
  for (const Goroutine& goroutine : snapshot.goroutines) {
    if (goroutine.status == GoroutineStatus::kDead || goroutine.status == GoroutineStatus::kIdle)
      continue;
    ++read.goroutines;
    if (goroutine.unwound) ++read.goroutines_unwound;
  }
  read.unreadable_bytes = snapshot.unreadable_bytes;
  for (const auto& [what, count] : snapshot.diagnostics.counts())
    read.anomalies.emplace_back(what, count);
  for (const snapshot::Invariant& invariant : snapshot.invariants)
    if (!invariant.holds)
      read.anomalies.emplace_back(
          "rule of the runtime does not hold (" + invariant.name + ": " + invariant.detail + ")",
          1);
  if (snapshot.program.kind == snapshot::TargetKind::kSnapshot && !snapshot.windows_read)
    read.anomalies.emplace_back(
        "snapshot file of an older kind, which cannot tell substring, subslice and lost-elements",
        1);
  return read;
}

}  // namespace seep::analysis
