#include "graph/heap_growth.h"

#include <algorithm>
#include <unordered_map>

namespace seep::graph {
namespace {

// From the nodes of a trace to those of now, span by span.
class Translation {
 public:
  Translation(const HeapTrace& trace, const ObjectGraph& graph)
      : trace_(trace), graph_(graph), marks_(graph.snapshot().types.size()) {
    const std::vector<snapshot::Span>& spans = graph.heap().spans;
    auto now = spans.begin();
    for (const HeapTrace::TraceSpan& span : trace.spans()) {
      while (now != spans.end() && now->start < span.start) ++now;
      bool same = now != spans.end() && now->start == span.start &&
                  now->slot_bytes == span.slot_bytes && now->slot_count == span.slot_count;
      firsts_.push_back(same ? now->first.value : 0);
    }
    for (std::uint32_t i = 1; i <= graph.roots().count(); ++i)
      roots_.emplace(root_identity(graph.snapshot(), snapshot::RootId{i}), graph.slot_count() + i);
  }

  /// Calls visit(node of the trace, node of now) for each pair at one place; 0 if there is none.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < firsts_.size(); ++i) {
      const HeapTrace::TraceSpan& span = trace_.spans()[i];
      for (std::uint32_t slot = 0; slot < span.slot_count; ++slot)
        visit(span.first + slot, firsts_[i] == 0 ? 0u : firsts_[i] + slot, span.slot_bytes);
    }
    for (std::uint32_t node = trace_.slot_count() + 1; node <= trace_.node_count(); ++node) {
      auto found = roots_.find(trace_.root(node - trace_.slot_count()));
      visit(node, found == roots_.end() ? 0u : found->second, std::uint64_t{0});
    }
  }

  /// The nodes of now that were reachable in the trace and are the same.
  Bitmap same_nodes() const {
    Bitmap same(std::size_t{graph_.node_count()} + 1);
    for_each([&](std::uint32_t then, std::uint32_t now, std::uint64_t) {
      if (now == 0 || !trace_.is_reachable(then)) return;
      if (now <= graph_.slot_count() && !may_be_same(then, snapshot::ObjectId{now})) return;
      same.set(now);
    });
    return same;
  }

 private:
  // Only what has a mark itself can contradict one.
  bool may_be_same(std::uint32_t then, snapshot::ObjectId now) const {
    std::uint16_t mark = trace_.mark(then);
    snapshot::TypeClaim claim = graph_.heap().claims[now.value];
    if (mark == 0 || claim.source() != snapshot::ClaimSource::kHeader) return true;
    if (claim.type().value >= marks_.size()) return true;
    std::uint16_t& known = marks_[claim.type().value];
    if (known == 0) known = type_mark(graph_.snapshot(), now);
    return known == mark;
  }

  const HeapTrace& trace_;
  const ObjectGraph& graph_;
  std::vector<std::uint32_t> firsts_;  ///< by span of the trace: node of now of slot 0, or 0
  std::unordered_map<std::uint64_t, std::uint32_t> roots_;
  mutable std::vector<std::uint16_t> marks_;  ///< by type of now; 0: not asked yet
};

/// Who held what at the instant of a trace, as nodes of now.
class FormerHolders {
 public:
  FormerHolders(const HeapTrace& trace, const ObjectGraph& graph, const Bitmap& standing)
      : trace_(trace),
        standing_(standing),
        now_of_(std::size_t{trace.node_count()} + 1),
        then_of_(std::size_t{graph.node_count()} + 1) {
    Translation(trace, graph).for_each([&](std::uint32_t then, std::uint32_t now, std::uint64_t) {
      if (now == 0 || !trace.is_reachable(then) || !standing.test(now)) return;
      now_of_[then] = now;
      then_of_[now] = then;
    });
  }

  /// The nearest node above that stands, as far as is known yet; the super root if there is none,
  /// also below roots that are gone.
  std::uint32_t above(std::uint32_t now) {
    std::uint32_t node = trace_.dominator(then_of_[now]);
    way_.clear();
    while (node != 0 && (now_of_[node] == 0 || !standing_.test(now_of_[node]))) {
      way_.push_back(node);
      node = trace_.dominator(node);
    }
    std::uint32_t found = now_of_[node];
    // What does not stand will not later: the next way begins where this one ended.
    for (std::uint32_t passed : way_)
      if (found != 0) now_of_[passed] = found;
    return found;
  }

 private:
  const HeapTrace& trace_;
  const Bitmap& standing_;              ///< loses nodes meanwhile
  std::vector<std::uint32_t> now_of_;   ///< by node then; where none is the same, the one above it
  std::vector<std::uint32_t> then_of_;  ///< by node now
  std::vector<std::uint32_t> way_;
};

void add(Extent& sum, std::uint64_t bytes) {
  ++sum.objects;
  sum.bytes += ByteSize(bytes);
}

}  // namespace

HeapGrowth::HeapGrowth(const HeapTrace& first, const HeapTrace* middle, const DominatorTree& now)
    : has_middle_(middle != nullptr), region_at_(std::size_t{now.graph().node_count()} + 1) {
  find_standing(first, middle, now);
  find_holders(first, now);
  add_now(now);
  add_trace(first, now.graph(), &Region::first);
  if (middle != nullptr) add_trace(*middle, now.graph(), &Region::middle);
}

void HeapGrowth::find_standing(const HeapTrace& first, const HeapTrace* middle,
                               const DominatorTree& now) {
  standing_ = Translation(first, now.graph()).same_nodes();
  in_middle_ = middle != nullptr ? Translation(*middle, now.graph()).same_nodes() : standing_;
  for (std::size_t i = 0; i < standing_.words().size(); ++i)
    standing_.words()[i] &= in_middle_.words()[i];
  for (std::uint32_t node = 1; node <= now.graph().node_count(); ++node)
    if (!now.is_reachable(NodeId{node})) standing_.clear(node);
  standing_.set(0);
}

Region& HeapGrowth::region_of(std::uint32_t holder) {
  if (holder == kPassing) return passing_;
  std::uint32_t& index = region_at_[holder];
  if (index == 0) {
    regions_.push_back(
        {.holder = NodeId{holder}, .first = {}, .middle = {}, .now = {}, .kept = {}});
    index = static_cast<std::uint32_t>(regions_.size());
  }
  return regions_[index - 1];
}

void HeapGrowth::find_holders(const HeapTrace& first, const DominatorTree& now) {
  const ObjectGraph& graph = now.graph();
  FormerHolders former(first, graph, standing_);
  holders_.assign(std::size_t{now.reachable_nodes()} + 1, 0);
  std::uint32_t position = 0;
  now.for_each_reachable([&](NodeId node) {
    ++position;
    if (node == kSuperRoot) return;
    std::uint32_t above = holders_[now.position(now.dominator(node))];
    // What one holder had and another one has now is another object in the same slot, or has moved.
    // What is in use by a goroutine as well, then or now, has no single holder at that instant: it
    // did not move for that.
    if (graph.is_object(node) && stands(node) && above != 0 && above != kPassing) {
      std::uint32_t before = former.above(node.value);
      if (before != 0 && before != above) standing_.clear(node.value);
    }
    if (stands(node))
      holders_[position] = node.value;
    else
      holders_[position] = graph.is_root(node) ? kPassing : above;
  });
}

void HeapGrowth::add_now(const DominatorTree& now) {
  const ObjectGraph& graph = now.graph();
  // In the order of addresses the size of a slot is known without a search.
  for (const snapshot::Span& span : graph.heap().spans)
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      NodeId node{span.first.value + slot};
      if (!now.is_reachable(node) || stands(node)) continue;
      Region& region = region_of(holders_[now.position(node)]);
      add(region.now, span.slot_bytes);
      if (has_middle_ && in_middle_.test(node.value)) add(region.kept, span.slot_bytes);
    }
}

void HeapGrowth::add_trace(const HeapTrace& trace, const ObjectGraph& graph, Extent Region::* sum) {
  constexpr std::uint32_t kUnknown = 0xfffffffe;
  std::vector<std::uint32_t> holders(std::size_t{trace.node_count()} + 1, kUnknown);
  holders[0] = 0;
  Translation translation(trace, graph);
  translation.for_each([&](std::uint32_t then, std::uint32_t now, std::uint64_t) {
    if (!trace.is_reachable(then)) return;
    if (now != 0 && standing_.test(now))
      holders[then] = now;
    else if (then > trace.slot_count())
      holders[then] = kPassing;
  });
  std::vector<std::uint32_t> way;
  translation.for_each([&](std::uint32_t then, std::uint32_t now, std::uint64_t bytes) {
    if (then > trace.slot_count() || !trace.is_reachable(then)) return;
    std::uint32_t above = then;
    way.clear();
    while (holders[above] == kUnknown) {
      way.push_back(above);
      above = trace.dominator(above);
    }
    for (std::uint32_t node : way) holders[node] = holders[above];
    if (now == 0 || !standing_.test(now)) add(region_of(holders[then]).*sum, bytes);
  });
}

}  // namespace seep::graph
