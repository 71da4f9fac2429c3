#include "analysis/exclusive_bytes.h"

namespace seep::analysis {

using snapshot::GcRoot;
using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootId;
using snapshot::Snapshot;

RootGroups::RootGroups(const Snapshot& snapshot, const std::vector<std::uint32_t>& group_of_root,
                       std::uint32_t count)
    : labels_(std::size_t{snapshot.heap.slot_count} + 1), exclusive_(std::size_t{count} + 1) {
  auto offer_roots = [&](bool others) {
    for (std::uint32_t i = 1; i <= snapshot.roots.count(); ++i) {
      std::uint32_t group = i < group_of_root.size() ? group_of_root[i] : kOthers;
      if (group > count) group = kOthers;
      if ((group == kOthers) != others) continue;
      const GcRoot& root = snapshot.roots[RootId{i}];
      for (std::uint32_t r = 0; r < root.reference_count; ++r)
        offer(snapshot.roots.references[root.first_reference + r].target, others ? kKept : group,
              snapshot.heap);
      flood(snapshot.heap);
    }
  };
  // The others first: most of the heap is theirs and is then visited only once.
  offer_roots(true);
  offer_roots(false);
  sum(snapshot.heap);
  worklist_ = {};
}

void RootGroups::offer(ObjectId id, std::uint32_t label, const Heap& heap) {
  if (!heap.is_object(id)) return;
  std::uint32_t& have = labels_[id.value];
  if (have == label || have == kKept || (have == kShared && label != kKept)) return;
  have = have == 0 || label == kKept ? label : kShared;
  worklist_.push_back(id.value);
}

void RootGroups::flood(const Heap& heap) {
  while (!worklist_.empty()) {
    ObjectId id{worklist_.back()};
    worklist_.pop_back();
    std::uint32_t label = labels_[id.value];
    heap.for_each_reference(
        id, [&](const Reference& reference) { offer(reference.target, label, heap); });
  }
}

void RootGroups::sum(const Heap& heap) {
  for (const snapshot::Span& span : heap.spans) {
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      std::uint32_t label = labels_[span.first.value + slot];
      if (label == 0 || label == kKept) continue;
      ExclusiveBytes& group = exclusive_[label == kShared ? 0 : label];
      group.bytes += ByteSize(span.slot_bytes);
      ++group.objects;
    }
  }
}

}  // namespace seep::analysis
