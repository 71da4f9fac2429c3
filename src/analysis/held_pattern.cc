#include "analysis/held_pattern.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bitmap.h"
#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using graph::DominatorTree;
using graph::NodeId;
using graph::ObjectGraph;
using graph::TypeAssignment;
using snapshot::GcRoot;
using snapshot::GoType;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootReference;
using snapshot::Snapshot;
using snapshot::TypeId;

constexpr std::size_t kLevels = 12;
constexpr std::size_t kLevelSample = 8192;       // objects of a level that are looked at
constexpr std::size_t kRecursiveSample = 65536;  // the same with those of a recursive type
constexpr std::size_t kReferenceSample = 65536;  // references of one object that are looked at
// The same of a whole level: a level of map tables has a thousand times as many references as
// objects.
constexpr std::size_t kLevelReferences = 262144;

// Objects that are reached in the same way and are of the same type.
struct GroupKey {
  std::uint32_t label = 0;  ///< index into Descent::labels_
  std::uint32_t type = 0;
  bool operator==(const GroupKey&) const = default;
};

struct Group {
  GroupKey key;
  std::vector<NodeId> members;
  double bytes = 0;  ///< retained by the members
};

class Descent {
 public:
  Descent(const DominatorTree& dominators, const TypeAssignment& types)
      : dominators_(dominators),
        graph_(dominators.graph()),
        snapshot_(dominators.graph().snapshot()),
        types_(types),
        seen_(std::size_t{dominators.graph().slot_count()} + 1) {}

  HeldPattern run(NodeId from) {
    HeldPattern pattern;
    std::vector<NodeId> level = {from};
    for (std::size_t depth = 0; depth < kLevels; ++depth) {
      Group next = largest_group_below(level);
      if (next.members.empty()) break;
      const std::vector<HolderStep>& steps = labels_[next.key.label];
      pattern.steps.insert(pattern.steps.end(), steps.begin(), steps.end());
      level = sampled(std::move(next.members));
    }
    pattern.type = type_name(level.front());
    // ".buf []byte" says already that the bytes are its elements.
    while (!pattern.steps.empty() && pattern.steps.back().kind == HolderKind::kElement)
      pattern.steps.pop_back();
    return pattern;
  }

 private:
  std::string type_name(NodeId node) const {
    if (!graph_.is_object(node)) return "";
    std::string name = graph::object_type_name(snapshot_.types, types_, graph_.object(node));
    return name == "?" ? "" : name;
  }

  std::size_t reference_count(NodeId node) const {
    if (graph_.is_root(node)) return snapshot_.roots[graph_.root(node)].reference_count;
    const std::vector<std::uint32_t>& first = snapshot_.heap.references.first;
    return std::min<std::size_t>(first[node.value + 1] - first[node.value], kReferenceSample);
  }

  // At equal distances, as many as the limits of a level allow.
  std::vector<NodeId> sampled(std::vector<NodeId> nodes) const {
    std::size_t references = 0;
    for (NodeId node : nodes) references += reference_count(node);
    std::size_t stride = std::max(nodes.size() / kLevelSample, references / kLevelReferences);
    if (stride <= 1) return nodes;
    std::vector<NodeId> chosen;
    for (std::size_t i = 0; i < nodes.size() && chosen.size() < kLevelSample; i += stride)
      chosen.push_back(nodes[i]);
    return chosen;
  }

  // Empty if the level holds most of its bytes itself or no group retains most of them.
  Group largest_group_below(const std::vector<NodeId>& level) {
    groups_.clear();
    double own = 0;
    std::size_t references = 0;
    std::vector<NodeId> members = level;
    std::uint32_t type = type_of(level.front());
    bool recursive = type != 0 && graph_.is_object(level.front());
    for (std::size_t i = 0; i < members.size(); ++i) {
      NodeId node = members[i];
      // Only the nodes of a recursive type can be too many here: a level is sampled before.
      if (i >= level.size() && references > kLevelReferences) break;
      references += reference_count(node);
      own += static_cast<double>(graph_.bytes(node));
      for_each_dominated_referent(node, [&](NodeId child, std::uint32_t label) {
        std::uint32_t child_type = type_of(child);
        if (recursive && child_type == type && members.size() < kRecursiveSample) {
          members.push_back(child);
          return;
        }
        if (recursive && child_type == type) return;
        add_to_group({label, child_type}, child);
      });
    }
    double all = own;
    Group* largest = nullptr;
    for (Group& group : groups_) {
      all += group.bytes;
      if (largest == nullptr || group.bytes > largest->bytes) largest = &group;
    }
    if (largest == nullptr || largest->bytes * 2 < all) return {};
    return std::move(*largest);
  }

  std::uint32_t type_of(NodeId node) const {
    return graph_.is_object(node) ? types_.of(graph_.object(node)).value : 0;
  }

  void add_to_group(GroupKey key, NodeId child) {
    auto found = std::find_if(groups_.begin(), groups_.end(),
                              [&](const Group& group) { return group.key == key; });
    if (found == groups_.end()) {
      groups_.push_back({key, {}, 0});
      found = std::prev(groups_.end());
    }
    found->members.push_back(child);
    found->bytes += static_cast<double>(dominators_.retained(child).bytes.bytes());
  }

  template <typename Visit>
  void for_each_dominated_referent(NodeId node, Visit&& visit) {
    auto offer = [&](ObjectId target, auto&& label) {
      NodeId child = ObjectGraph::node(target);
      if (!snapshot_.heap.is_object(target) || dominators_.dominator(child) != node ||
          !dominators_.is_reachable(child) || child == node)
        return;
      if (seen_.set_if_clear(child.value)) visit(child, label());
    };
    if (graph_.is_root(node)) {
      const GcRoot& root = snapshot_.roots[graph_.root(node)];
      for (std::uint32_t i = 0; i < root.reference_count; ++i) {
        const RootReference& reference = snapshot_.roots.references[root.first_reference + i];
        offer(reference.target,
              [&] { return label_of(root_reference_steps(snapshot_, root, reference)); });
      }
      return;
    }
    ObjectId source = graph_.object(node);
    TypeId type = types_.of(source);
    std::size_t left = kReferenceSample;
    snapshot_.heap.for_each_reference(source, [&](const Reference& reference) {
      if (left == 0) return;
      --left;
      offer(reference.target, [&] { return label_of_offset(type, reference.offset); });
    });
  }

  // Types repeat over an object, and millions of objects share a type: naming a step once is
  // enough.
  std::uint32_t label_of_offset(TypeId type, std::uint64_t offset) {
    std::uint64_t size = snapshot_.types[type].size;
    if (size > 0) offset %= size;
    std::uint64_t key = (std::uint64_t{type.value} << 32) | (offset & 0xffffffff);
    auto [found, added] = labels_by_offset_.emplace(key, 0);
    if (added) found->second = label_of(holder_steps(snapshot_.types, type, offset));
    return found->second;
  }

  std::uint32_t label_of(const std::vector<HolderStep>& steps) {
    std::string text;
    for (const HolderStep& step : steps)
      text += std::string(to_text(step.kind)) + "\n" + step.name + "\n" + step.type + "\n";
    auto [found, added] = labels_by_text_.emplace(text, static_cast<std::uint32_t>(labels_.size()));
    if (added) labels_.push_back(steps);
    return found->second;
  }

  const DominatorTree& dominators_;
  const ObjectGraph& graph_;
  const Snapshot& snapshot_;
  const TypeAssignment& types_;
  std::vector<Group> groups_;
  Bitmap seen_;  ///< never cleared: an object has one dominator, and is offered by that one only
  std::vector<std::vector<HolderStep>> labels_;
  std::map<std::string, std::uint32_t> labels_by_text_;
  std::unordered_map<std::uint64_t, std::uint32_t> labels_by_offset_;
};

}  // namespace

HeldPattern find_held_pattern(const DominatorTree& dominators, const TypeAssignment& types,
                              NodeId from) {
  return Descent(dominators, types).run(from);
}

}  // namespace seep::analysis
