#include "graph/depth_first_order.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace seep::graph {

namespace {

using snapshot::ReferenceTable;
using snapshot::RootId;

// The number of what is no node: looks visited, and no edge leads there.
constexpr std::uint32_t kNoNode = std::numeric_limits<std::uint32_t>::max();

// How far below the top of the stack nodes are fetched. They were looked at when they were pushed,
// but that may be long ago.
constexpr std::size_t kAhead = 4;

// `Place` is an index into the array of nodes: 32 bits as long as two words a slot and one a
// reference are fewer than 2^32.
template <typename Place>
class Walk {
 public:
  explicit Walk(const ObjectGraph& graph) : graph_(graph) {
    copy_objects();
    copy_roots();
  }

  DepthFirstOrder run() && {
    std::size_t most = graph_.heap().allocated.count() + graph_.roots().count() + 2;
    order_.parents.reserve(most);
    order_.tops.reserve(most);
    backward_targets_.reserve(graph_.heap().references.targets.size() / 4);
    backward_counts_.reserve(most);
    order_.parents = order_.tops = {0, 0};
    backward_counts_ = {0, 0};
    for (std::uint32_t i = graph_.roots().count(); i > 0; --i)
      stack_.push_back({root_places_[i], 1});
    while (!stack_.empty()) {
      if (stack_.size() > kAhead)
        __builtin_prefetch(words_.data() + stack_[stack_.size() - kAhead].node);
      Entry entry = stack_.back();
      stack_.pop_back();
      std::uint32_t number = static_cast<std::uint32_t>(words_[entry.node]);
      if (number == 0) {
        visit(entry);
      } else {
        // Reached meanwhile by another way: the edge leads down past that way.
        order_.tops[number] = std::min(order_.tops[number], entry.parent);
      }
    }
    stack_ = {};
    take_nodes();
    words_ = {};
    sort_backward_edges();
    return std::move(order_);
  }

 private:
  struct Entry {
    Place node = 0;
    std::uint32_t parent = 0;  ///< number of the node that has the edge
  };

  // A node: its number (0 before it is visited), the place where its references end, and from there
  // on the places of what they lead to. Node 0 is none.
  Place place_of(std::uint32_t object) const {
    return Place{graph_.heap().references.first[object]} + 2 * Place{object};
  }

  void copy_objects() {
    const ReferenceTable& table = graph_.heap().references;
    std::uint32_t slots = graph_.slot_count();
    std::size_t root_words = 2 * std::size_t{graph_.roots().count()};
    for (const snapshot::GcRoot& root : graph_.roots().roots) root_words += root.reference_count;
    objects_end_ = place_of(slots + 1);
    words_.resize(std::size_t{objects_end_} + root_words);
    words_[0] = kNoNode;
    constexpr std::uint32_t kReferencesAhead = 16;
    std::size_t references = table.targets.size();
    for (std::uint32_t object = 1; object <= slots; ++object) {
      Place at = place_of(object) + 1;
      words_[at] = place_of(object + 1);
      for (std::uint32_t i = table.first[object]; i < table.first[object + 1]; ++i) {
        if (i + kReferencesAhead < references)
          __builtin_prefetch(table.first.data() + table.targets[i + kReferencesAhead]);
        words_[++at] = target_place(table.targets[i]);
      }
    }
  }

  Place target_place(std::uint32_t object) const {
    return graph_.heap().allocated.test(object) ? place_of(object) : 0;
  }

  void copy_roots() {
    root_places_.assign(std::size_t{graph_.roots().count()} + 1, 0);
    Place at = objects_end_;
    for (std::uint32_t i = 1; i <= graph_.roots().count(); ++i) {
      const snapshot::GcRoot& root = graph_.roots()[RootId{i}];
      root_places_[i] = at;
      words_[at + 1] = at + 2 + root.reference_count;
      at += 2;
      for (std::uint32_t k = 0; k < root.reference_count; ++k)
        words_[at++] =
            target_place(graph_.roots().references[root.first_reference + k].target.value);
    }
  }

  void visit(Entry entry) {
    std::uint32_t number = static_cast<std::uint32_t>(order_.parents.size());
    words_[entry.node] = number;
    order_.parents.push_back(entry.parent);
    order_.tops.push_back(entry.parent);
    std::size_t before = backward_targets_.size();
    // From the last to the first, so that the first is taken from the stack first: programs
    // allocate in that order more often.
    for (Place i = words_[entry.node + 1]; i-- > entry.node + 2;) {
      Place target = words_[i];
      std::uint32_t seen = static_cast<std::uint32_t>(words_[target]);
      if (seen == 0) {
        stack_.push_back({target, number});
      } else if (seen != number && seen != kNoNode) {
        backward_targets_.push_back(seen);
      }
    }
    backward_counts_.push_back(static_cast<std::uint32_t>(backward_targets_.size() - before));
  }

  void take_nodes() {
    order_.nodes.assign(order_.parents.size(), kSuperRoot);
    for (std::uint32_t object = 1; object <= graph_.slot_count(); ++object) {
      std::uint32_t number = static_cast<std::uint32_t>(words_[place_of(object)]);
      if (number != 0) order_.nodes[number] = NodeId{object};
    }
    for (std::uint32_t i = 1; i <= graph_.roots().count(); ++i)
      order_.nodes[words_[root_places_[i]]] = graph_.node(RootId{i});
  }

  // By target, by counting. They lie in the order of their sources.
  void sort_backward_edges() {
    order_.first.assign(order_.nodes.size() + 2, 0);
    for (std::uint32_t target : backward_targets_) ++order_.first[target + 2];
    for (std::size_t i = 1; i < order_.first.size(); ++i) order_.first[i] += order_.first[i - 1];
    order_.sources.resize(backward_targets_.size());
    std::size_t next = 0;
    for (std::uint32_t source = 0; source < backward_counts_.size(); ++source) {
      for (std::uint32_t i = 0; i < backward_counts_[source]; ++i)
        order_.sources[order_.first[backward_targets_[next++] + 1]++] = source;
    }
  }

  const ObjectGraph& graph_;
  Place objects_end_ = 0;
  std::vector<Place> words_;
  std::vector<Place> root_places_;
  DepthFirstOrder order_;
  std::vector<Entry> stack_;
  std::vector<std::uint32_t> backward_targets_;
  std::vector<std::uint32_t> backward_counts_;  ///< by number of the source
};

}  // namespace

DepthFirstOrder walk_depth_first(const ObjectGraph& graph) {
  std::uint64_t words = graph.heap().references.targets.size() + graph.roots().references.size() +
                        2 * std::uint64_t{graph.node_count()};
  if (words < std::numeric_limits<std::uint32_t>::max() - 4)
    return Walk<std::uint32_t>(graph).run();
  return Walk<std::uint64_t>(graph).run();
}

}  // namespace seep::graph
