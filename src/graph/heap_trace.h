// What is kept of an earlier snapshot of a process, to tell later which of its objects are still
// there and who held those that have gone.
//
// Go's collector does not move objects (runtime/mgc.go: "non-generational and non-compacting"), so
// an object of another snapshot of the same process is the same one if it has the same address in a
// span of the same size class and the runtime wrote the same type into it. That can be wrong in one
// way: the object was freed and its slot given to another one of the same size meanwhile. It takes
// a collection for that, and where types are not written down nothing tells. Three snapshots in a
// row narrow it: what was not there in the middle is another object (graph/heap_growth.h). Roots
// are the same by what the runtime names them with: variables by their addresses, goroutines by
// their ids, which are never given out twice. Stacks may move, so their addresses are not used.
//
// Memory: 6 bytes a slot and 24 a span, so that two of these beside a whole snapshot are cheap.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "graph/dominator_tree.h"
#include "snapshot/snapshot.h"

namespace seep::graph {

/// What makes a root the same one in another snapshot of the same process.
std::uint64_t root_identity(const snapshot::Snapshot& snapshot, snapshot::RootId root);

/// A number for the type that the runtime wrote into an object; 0 where it wrote none.
std::uint16_t type_mark(const snapshot::Snapshot& snapshot, snapshot::ObjectId object);

class HeapTrace {
 public:
  /// A span as far as identity goes.
  struct TraceSpan {
    Address start;
    std::uint64_t slot_bytes = 0;
    std::uint32_t slot_count = 0;
    std::uint32_t first = 0;  ///< node of slot 0
  };

  /// Nothing was there.
  HeapTrace() = default;
  explicit HeapTrace(const DominatorTree& tree);

  /// Nodes are numbered as those of ObjectGraph: slots, then roots.
  std::uint32_t slot_count() const { return slot_count_; }
  std::uint32_t node_count() const { return static_cast<std::uint32_t>(dominators_.size()) - 1; }
  const std::vector<TraceSpan>& spans() const { return spans_; }

  bool is_reachable(std::uint32_t node) const { return dominators_[node] != kUnreachable; }
  /// Of a reachable node; 0 is the super root.
  std::uint32_t dominator(std::uint32_t node) const { return dominators_[node]; }
  std::uint16_t mark(std::uint32_t slot) const { return marks_[slot]; }
  /// Of root number `root`, from 1.
  std::uint64_t root(std::uint32_t root) const { return roots_[root]; }

 private:
  static constexpr std::uint32_t kUnreachable = 0xffffffff;

  std::uint32_t slot_count_ = 0;
  std::vector<TraceSpan> spans_;  ///< by rising address
  std::vector<std::uint32_t> dominators_ = {0};
  std::vector<std::uint16_t> marks_;  ///< by slot
  std::vector<std::uint64_t> roots_;  ///< by root; 0 unused
};

}  // namespace seep::graph
