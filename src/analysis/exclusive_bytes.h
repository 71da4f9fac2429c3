// What would come back if a group of roots went: the objects that only this group reaches.
//
// The one meaning of "bytes" in findings (docs/design, "One meaning of bytes"): reachability with
// everything, and again without what the finding would remove; the difference comes back. Done
// group by group that is a pass over the heap each. Here all groups share one pass: every object
// learns which group reaches it, or that more than one does, and so is visited at most twice.
//
//   group 1 -> a -> c      exclusive: group 1 {a}, group 2 {b}; c comes back with neither alone
//   group 2 -> b -> c
#pragma once

#include <cstdint>
#include <vector>

#include "base/byte_size.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

struct ExclusiveBytes {
  ByteSize bytes;
  std::uint64_t objects = 0;
};

/// Objects that the roots reach, with the group that alone reaches them.
class RootGroups {
 public:
  /// The group of roots that would stay: what they reach comes back with nobody.
  static constexpr std::uint32_t kOthers = 0;

  /// `group_of_root` has an entry for each RootId including 0 (ignored); groups are 1 ... count.
  RootGroups(const snapshot::Snapshot& snapshot, const std::vector<std::uint32_t>& group_of_root,
             std::uint32_t count);

  /// By group; entry 0 is the sum of what several groups share without the others.
  const std::vector<ExclusiveBytes>& exclusive() const { return exclusive_; }
  /// The group that alone reaches an object; none if others or several do, or nobody.
  std::uint32_t owner_of(snapshot::ObjectId id) const {
    std::uint32_t label = labels_[id.value];
    return label >= kShared ? 0 : label;
  }

 private:
  // Labels: 0 not reached, 1 ... groups, then reached by several groups, and by the others.
  static constexpr std::uint32_t kShared = 0xfffffffe;
  static constexpr std::uint32_t kKept = 0xffffffff;

  void offer(snapshot::ObjectId id, std::uint32_t label, const snapshot::Heap& heap);
  void flood(const snapshot::Heap& heap);
  void sum(const snapshot::Heap& heap);

  std::vector<std::uint32_t> labels_;
  std::vector<std::uint32_t> worklist_;
  std::vector<ExclusiveBytes> exclusive_;
};

}  // namespace seep::analysis
