#include "graph/depth_first_order.h"

#include <algorithm>

#include "base/bitmap.h"

namespace seep::graph {

namespace {

struct Entry {
  std::uint32_t node = 0;
  std::uint32_t parent = 0;  ///< number of the node that has the edge
};

// A stack of edges rather than of nodes with cursors: each node's references are read once.
class Walk {
 public:
  explicit Walk(const ObjectGraph& graph)
      : graph_(graph), visited_(std::size_t{graph.node_count()} + 1) {
    // Slots that are not allocated count as visited: one test in the loop.
    const std::vector<std::uint64_t>& allocated = graph.heap().allocated.words();
    for (std::size_t i = 0; i < allocated.size(); ++i) visited_.words()[i] = ~allocated[i];
    for (std::uint32_t i = graph.slot_count() + 1; i <= graph.node_count(); ++i) visited_.clear(i);
    order_.number.resize(std::size_t{graph.node_count()} + 1);
  }

  DepthFirstOrder run() && {
    order_.nodes = {kSuperRoot, kSuperRoot};
    order_.parents = {0, 0};
    order_.tops = {0, 0};
    order_.number[0] = 1;
    for (std::uint32_t i = graph_.roots().count(); i > 0; --i)
      stack_.push_back({graph_.slot_count() + i, 1});
    while (!stack_.empty()) {
      Entry entry = stack_.back();
      stack_.pop_back();
      if (!visited_.set_if_clear(entry.node)) {
        // The parent's edge leads down to what another of its edges led to meanwhile.
        std::uint32_t& top = order_.tops[order_.number[entry.node]];
        top = std::min(top, entry.parent);
        continue;
      }
      visit(entry);
    }
    stack_ = {};
    visited_ = {};
    sort_backward_edges();
    return std::move(order_);
  }

 private:
  void visit(Entry entry) {
    std::uint32_t number = static_cast<std::uint32_t>(order_.nodes.size());
    order_.number[entry.node] = number;
    order_.nodes.push_back(NodeId{entry.node});
    order_.parents.push_back(entry.parent);
    order_.tops.push_back(entry.parent);
    if (entry.node > graph_.slot_count()) {
      visit_root(NodeId{entry.node}, number);
      return;
    }
    const snapshot::ReferenceTable& table = graph_.heap().references;
    std::uint32_t begin = table.first[entry.node];
    for (std::uint32_t i = table.first[entry.node + 1]; i-- > begin;)
      follow(table.targets[i], number);
  }

  void visit_root(NodeId root, std::uint32_t number) {
    graph_.for_each_successor(root, [&](NodeId target) { follow(target.value, number); });
  }

  void follow(std::uint32_t target, std::uint32_t number) {
    if (visited_.test(target)) {
      std::uint32_t seen = order_.number[target];
      if (seen != 0 && seen != number) backward_.push_back({seen, number});
      return;
    }
    __builtin_prefetch(graph_.heap().references.first.data() + target);
    stack_.push_back({target, number});
  }

  // By target, by counting.
  void sort_backward_edges() {
    order_.first.assign(order_.nodes.size() + 2, 0);
    for (const Edge& edge : backward_) ++order_.first[edge.target + 2];
    for (std::size_t i = 1; i < order_.first.size(); ++i) order_.first[i] += order_.first[i - 1];
    order_.sources.resize(backward_.size());
    for (const Edge& edge : backward_)
      order_.sources[order_.first[edge.target + 1]++] = edge.source;
  }

  struct Edge {
    std::uint32_t target = 0;
    std::uint32_t source = 0;
  };

  const ObjectGraph& graph_;
  Bitmap visited_;
  DepthFirstOrder order_;
  std::vector<Entry> stack_;
  std::vector<Edge> backward_;
};

}  // namespace

DepthFirstOrder walk_depth_first(const ObjectGraph& graph) { return Walk(graph).run(); }

}  // namespace seep::graph
