#include "analysis/allocation_origin.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/goroutine_groups.h"

namespace seep::analysis {
namespace {

using graph::DominatorTree;
using graph::NodeId;
using graph::ObjectGraph;
using snapshot::AllocationSample;
using snapshot::AllocationSite;
using snapshot::ObjectId;
using snapshot::Snapshot;
using snapshot::StackFrame;
using snapshot::StackId;

constexpr std::size_t kFrames = 6;

constexpr std::size_t kNobody = ~std::size_t{0};

// Subtrees of the dominator tree as ranges of its preorder, in rising order.
class Subtrees {
 public:
  Subtrees(const DominatorTree& dominators, const std::vector<NodeId>& holders)
      : dominators_(dominators) {
    for (std::size_t i = 0; i < holders.size(); ++i)
      ranges_.push_back({dominators.position(holders[i]), dominators.end_position(holders[i]), i});
    std::sort(ranges_.begin(), ranges_.end(),
              [](const Range& a, const Range& b) { return a.begin < b.begin; });
  }

  /// The index of the holder that dominates `node`; kNobody if none does.
  std::size_t holder_of(NodeId node) const {
    std::uint32_t position = dominators_.position(node);
    auto after = std::upper_bound(
        ranges_.begin(), ranges_.end(), position,
        [](std::uint32_t value, const Range& range) { return value < range.begin; });
    if (position == 0 || after == ranges_.begin()) return kNobody;
    const Range& range = *std::prev(after);
    return position < range.end ? range.holder : kNobody;
  }

 private:
  struct Range {
    std::uint32_t begin, end;
    std::size_t holder;
  };
  const DominatorTree& dominators_;
  std::vector<Range> ranges_;
};

}  // namespace

std::vector<OriginFrame> allocation_frames(const Snapshot& snapshot, StackId stack) {
  std::vector<OriginFrame> origin;
  const std::vector<StackFrame>& frames = snapshot.stacks[stack];
  for (std::size_t i = place_of(snapshot, stack); i < frames.size() && origin.size() < kFrames; ++i)
    origin.push_back({OriginRole::kAllocated, snapshot.strings.text(frames[i].function),
                      snapshot.strings.text(frames[i].file), frames[i].line});
  // Where every goroutine begins says nothing of this one.
  while (origin.size() > 1 && origin.back().function.starts_with("runtime.")) origin.pop_back();
  return origin;
}

// What the samples say of several owners.
class SampledBytes {
 public:
  SampledBytes(const Snapshot& snapshot, std::size_t owners)
      : snapshot_(snapshot), origins_(owners), bytes_by_stack_(owners) {}

  /// `for_each_owner(object, visit)` calls visit with the index of each owner of an object.
  template <typename ForEachOwner>
  void add_all(ForEachOwner&& for_each_owner) {
    for (const AllocationSample& sample : snapshot_.heap.samples) {
      if (!snapshot_.heap.is_object(sample.object) ||
          sample.site >= snapshot_.allocation_sites.size())
        continue;
      for_each_owner(sample.object, [&](std::size_t owner) {
        const AllocationSite& site = snapshot_.allocation_sites[sample.site];
        ++origins_[owner].samples;
        bytes_by_stack_[owner][site.stack] +=
            sample_weight(snapshot_.heap.size_of(sample.object), snapshot_.allocation_sample_rate);
      });
    }
  }

  std::vector<AllocationOrigin> origins() {
    for (std::size_t i = 0; i < origins_.size(); ++i) {
      double all = 0, most = 0;
      StackId stack;
      for (const auto& [candidate, bytes] : bytes_by_stack_[i]) {
        all += bytes;
        if (bytes > most) {
          most = bytes;
          stack = candidate;
        }
      }
      if (all <= 0) continue;
      origins_[i].share = most / all;
      origins_[i].frames = allocation_frames(snapshot_, stack);
    }
    return std::move(origins_);
  }

 private:
  const Snapshot& snapshot_;
  std::vector<AllocationOrigin> origins_;
  std::vector<std::map<StackId, double>> bytes_by_stack_;
};

double sample_weight(std::uint64_t bytes, std::uint64_t sample_rate) {
  double size = static_cast<double>(bytes);
  if (sample_rate <= 1 || bytes == 0) return size;
  return size / (1 - std::exp(-size / static_cast<double>(sample_rate)));
}

std::vector<AllocationOrigin> allocation_origins(const DominatorTree& dominators,
                                                 const std::vector<NodeId>& holders) {
  if (holders.empty()) return {};
  Subtrees subtrees(dominators, holders);
  SampledBytes sampled(dominators.graph().snapshot(), holders.size());
  sampled.add_all([&](ObjectId object, auto&& visit) {
    std::size_t owner = subtrees.holder_of(ObjectGraph::node(object));
    if (owner != kNobody) visit(owner);
  });
  return sampled.origins();
}

std::vector<AllocationOrigin> allocation_origins(const Snapshot& snapshot,
                                                 const std::vector<std::vector<ObjectId>>& groups) {
  SampledBytes sampled(snapshot, groups.size());
  sampled.add_all([&](ObjectId object, auto&& visit) {
    for (std::size_t i = 0; i < groups.size(); ++i)
      if (std::ranges::binary_search(groups[i], object)) visit(i);
  });
  return sampled.origins();
}

}  // namespace seep::analysis
