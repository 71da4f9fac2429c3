#include "analysis/finalizer_regions.h"

#include <algorithm>
#include <unordered_map>

#include "base/bitmap.h"

namespace seep::analysis {
namespace {

using graph::NodeId;
using graph::ObjectGraph;
using graph::Reachability;
using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::Reference;
using snapshot::RootId;
using snapshot::RootKind;

bool is_special(const ObjectGraph& graph, RootId id) {
  const GcRoot& root = graph.roots()[id];
  return (root.kind == RootKind::kFinalizer || root.kind == RootKind::kCleanup) &&
         graph.heap().is_object(root.subject);
}

// What of the specials' effect is left when all is taken away that will end by itself.
std::vector<RootId> specials_that_stay(const ObjectGraph& graph, Reachability& kept) {
  Reachability from_specials(graph);
  std::vector<RootId> open;
  for (std::uint32_t i = 1; i <= graph.roots().count(); ++i) {
    if (!is_special(graph, RootId{i})) continue;
    from_specials.add(RootId{i});
    open.push_back(RootId{i});
  }
  from_specials.search();
  std::erase_if(open, [&](RootId id) { return !from_specials.reached(graph.roots()[id].subject); });
  if (open.empty()) return {};

  Bitmap is_open(std::size_t{graph.roots().count()} + 1);
  for (RootId id : open) is_open.set(id.value);
  for (std::uint32_t i = 1; i <= graph.roots().count(); ++i)
    if (!is_open.test(i)) kept.add(RootId{i});
  for (bool changed = true; changed;) {
    kept.search();
    changed = std::erase_if(open, [&](RootId id) {
                if (!kept.reached(graph.roots()[id].subject)) return false;
                kept.add(id);
                return true;
              }) > 0;
  }
  return open;
}

// The strongly connected components of what is left (Tarjan, "Depth-First Search and Linear Graph
// Algorithms", 1972), with a stack of its own: lists are as deep as they are long.
class CyclicObjects {
 public:
  CyclicObjects(const ObjectGraph& graph, const Reachability& kept,
                const std::vector<RootId>& specials)
      : graph_(graph),
        kept_(kept),
        numbers_(std::size_t{graph.slot_count()} + 1),
        lowest_(numbers_.size()),
        closed_(numbers_.size()),
        cyclic_(numbers_.size()) {
    for (RootId id : specials) roots_of_[graph.roots()[id].subject.value].push_back(id);
    for (RootId id : specials) visit(graph.roots()[id].subject.value);
  }

  bool contains(ObjectId id) const { return cyclic_.test(id.value); }

 private:
  struct Frame {
    std::uint32_t object = 0;
    std::size_t next = 0;  ///< into successors_
    std::size_t first = 0;
  };

  void visit(std::uint32_t start) {
    if (numbers_[start] != 0) return;
    open(start);
    while (!frames_.empty()) {
      Frame& frame = frames_.back();
      if (frame.next == successors_.size()) {
        close();
        continue;
      }
      std::uint32_t successor = successors_[frame.next++];
      if (numbers_[successor] == 0) {
        open(successor);
      } else if (!closed_.test(successor)) {
        lowest_[frame.object] = std::min(lowest_[frame.object], numbers_[successor]);
      }
    }
  }

  // Successors of all open frames lie one behind the other; those of the last frame are the last.
  void open(std::uint32_t object) {
    numbers_[object] = lowest_[object] = ++last_number_;
    component_.push_back(object);
    frames_.push_back({object, successors_.size(), successors_.size()});
    auto add = [&](NodeId node) {
      if (!kept_.reached(graph_.object(node))) successors_.push_back(node.value);
    };
    graph_.for_each_successor(NodeId{object}, add);
    auto specials = roots_of_.find(object);
    if (specials == roots_of_.end()) return;
    for (RootId id : specials->second) graph_.for_each_successor(graph_.node(id), add);
  }

  void close() {
    Frame frame = frames_.back();
    frames_.pop_back();
    successors_.resize(frame.first);
    std::uint32_t object = frame.object;
    if (!frames_.empty()) {
      std::uint32_t& above = lowest_[frames_.back().object];
      above = std::min(above, lowest_[object]);
    }
    if (lowest_[object] != numbers_[object]) return;
    bool several = component_.back() != object;
    std::uint32_t member = 0;
    do {
      member = component_.back();
      component_.pop_back();
      closed_.set(member);
      if (several) cyclic_.set(member);
    } while (member != object);
  }

  const ObjectGraph& graph_;
  const Reachability& kept_;
  std::unordered_map<std::uint32_t, std::vector<RootId>> roots_of_;  ///< by subject
  std::vector<std::uint32_t> numbers_, lowest_;                      ///< by object id
  Bitmap closed_, cyclic_;
  std::uint32_t last_number_ = 0;
  std::vector<Frame> frames_;
  std::vector<std::uint32_t> successors_;
  std::vector<std::uint32_t> component_;
};

}  // namespace

FinalizerRegions find_finalizer_regions(const ObjectGraph& graph) {
  Reachability kept(graph);
  std::vector<RootId> specials = specials_that_stay(graph, kept);
  FinalizerRegions regions;
  if (specials.empty()) return regions;
  CyclicObjects cyclic(graph, kept, specials);
  for (RootId id : specials)
    (cyclic.contains(graph.roots()[id].subject) ? regions.cyclic : regions.behind).push_back(id);
  return regions;
}

std::vector<CycleStep> shortest_cycle(const ObjectGraph& graph, RootId root) {
  constexpr std::size_t kMostVisited = std::size_t{4} << 20;
  const GcRoot& special = graph.roots()[root];
  const snapshot::Heap& heap = graph.heap();
  std::unordered_map<std::uint32_t, CycleStep> reached_by;
  std::vector<std::uint32_t> queue;
  auto offer = [&](const CycleStep& step) {
    if (!heap.is_object(step.target)) return;
    if (reached_by.try_emplace(step.target.value, step).second) queue.push_back(step.target.value);
  };
  auto offer_references = [&](ObjectId source) {
    heap.for_each_reference(source, [&](const Reference& reference) {
      if (reference.target != source) offer({source, reference.offset, reference.target, false});
    });
  };
  // A finalizer's root repeats what its object refers to.
  if (special.kind == RootKind::kFinalizer) offer_references(special.subject);
  for (std::uint32_t i = 0; i < special.reference_count; ++i)
    offer({special.subject, 0, graph.roots().references[special.first_reference + i].target, true});
  for (std::size_t next = 0; next < queue.size() && next < kMostVisited; ++next) {
    if (reached_by.contains(special.subject.value)) break;
    offer_references(ObjectId{queue[next]});
  }
  std::vector<CycleStep> cycle;
  auto step = reached_by.find(special.subject.value);
  while (step != reached_by.end()) {
    cycle.push_back(step->second);
    if (step->second.source == special.subject) break;
    step = reached_by.find(step->second.source.value);
  }
  std::reverse(cycle.begin(), cycle.end());
  return cycle;
}

}  // namespace seep::analysis
