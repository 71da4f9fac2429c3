// What came and what went between snapshots of one process, by who held it.
//
// The nodes that are in all snapshots stand still; what is not, is counted for the nearest node
// above it in the dominator tree that stands. So all that came and went between the first snapshot
// and now belongs to exactly one holder that was there all the time:
//
//   main.cache → map header (stands) → entries (new) → session (new)   counted for the header
//
// A cache that replaces its entries has as much in the first snapshot as in the last. Growth is the
// difference, not what is new.
//
// An object that one holder had and another one has now does not stand: it moved, or its slot was
// given to another object.
//
// Under a root that has come or gone itself (a goroutine) nothing stands; nor above what several
// roots reach. Both sorts are added up apart.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bitmap.h"
#include "graph/heap_trace.h"

namespace seep::graph {

/// What one standing node holds of what does not stand.
struct Region {
  NodeId holder;  ///< of the snapshot of now; the super root: what several roots reach
  Extent first, middle, now;
  Extent kept;  ///< came in the first half and is still there
};

class HeapGrowth {
 public:
  /// `middle` may be null: with two snapshots. Both are of the process that `now` is of.
  HeapGrowth(const HeapTrace& first, const HeapTrace* middle, const DominatorTree& now);

  /// Was there in all snapshots, held by the same one. The super root was.
  bool stands(NodeId node) const { return standing_.test(node.value); }
  bool has_middle() const { return has_middle_; }

  /// Those that something came to or went from, in no order.
  const std::vector<Region>& regions() const { return regions_; }
  /// What roots hold that are not in all snapshots.
  const Region& passing_roots() const { return passing_; }

  /// For each node of now by its position in the tree: the standing node above it, or itself;
  /// kPassing under roots that do not stand.
  std::uint32_t holder_at(std::uint32_t position) const { return holders_[position]; }
  static constexpr std::uint32_t kPassing = 0xffffffff;

 private:
  void find_standing(const HeapTrace& first, const HeapTrace* middle, const DominatorTree& now);
  void find_holders(const HeapTrace& first, const DominatorTree& now);
  void add_now(const DominatorTree& now);
  void add_trace(const HeapTrace& trace, const ObjectGraph& graph, Extent Region::* sum);
  Region& region_of(std::uint32_t holder);

  bool has_middle_ = false;
  Bitmap standing_;                       ///< by node
  Bitmap in_middle_;                      ///< by node: reachable in the middle snapshot
  std::vector<std::uint32_t> holders_;    ///< by position
  std::vector<std::uint32_t> region_at_;  ///< by node: index into regions_ plus one
  std::vector<Region> regions_;
  Region passing_;
};

}  // namespace seep::graph
