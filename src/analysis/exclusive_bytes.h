// What would come back if a group of roots went: the objects that only this group reaches.
//
// The one meaning of "bytes" in findings (docs/design, "One meaning of bytes"): reachability with
// everything, and again without what the finding would remove; the difference comes back. Done
// group by group that is a pass over the heap each. Here all groups share one pass: what is left
// without all of them is looked away from, and every other object learns which group reaches it, or
// that more than one does, and so is visited at most twice.
//
//   group 1 -> a -> c      exclusive: group 1 {a}, group 2 {b}; c comes back with neither alone
//   group 2 -> b -> c
#pragma once

#include <cstdint>
#include <vector>

#include "graph/dominator_tree.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"

namespace seep::analysis {

/// A group starts from an object.
struct GroupedObject {
  snapshot::ObjectId object;
  std::uint32_t group = 0;
};

/// Objects that the roots reach, with the group that alone reaches them.
class RootGroups {
 public:
  /// The group of roots that would stay: what they reach comes back with nobody.
  static constexpr std::uint32_t kOthers = 0;

  /// `group_of_root` has an entry for each RootId including 0 (ignored); groups are 1 ... count.
  RootGroups(const graph::ObjectGraph& graph, const std::vector<std::uint32_t>& group_of_root,
             std::uint32_t count);
  /// The same for groups of objects, such as what certain references lead to. `kept` is what the
  /// others reach. Groups are 1 ... count.
  RootGroups(const graph::ObjectGraph& graph, graph::Reachability kept,
             const std::vector<GroupedObject>& starts, std::uint32_t count);

  /// By group; entry 0 is the sum of what several groups share without the others.
  const std::vector<graph::Extent>& exclusive() const { return exclusive_; }
  /// The group that alone reaches an object; none if others or several do, or nobody.
  std::uint32_t owner_of(snapshot::ObjectId id) const {
    std::uint32_t label = labels_[id.value];
    return label == kShared ? 0 : label;
  }

 private:
  // Labels: 0 not reached or kept, 1 ... groups, then reached by several of them.
  static constexpr std::uint32_t kShared = 0xffffffff;

  void offer(snapshot::ObjectId id, std::uint32_t label);
  void flood();
  void sum();

  const graph::ObjectGraph* graph_;
  graph::Reachability kept_;  ///< by the others
  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> worklist_;
  std::vector<graph::Extent> exclusive_;
};

/// RootGroups::exclusive() where there is a dominator tree anyway: the same sums for a fraction of
/// the time, without the owner of each object.
///
/// All objects of a subtree below the super root are reached by the same roots, and a reference
/// from outside can lead to the top of a subtree only: so labels are those of tops, and a bit an
/// object tells which references matter.
std::vector<graph::Extent> exclusive_by_group(const graph::DominatorTree& tree,
                                              const std::vector<std::uint32_t>& group_of_root,
                                              std::uint32_t count);

}  // namespace seep::analysis
