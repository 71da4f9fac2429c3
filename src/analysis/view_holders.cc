#include "analysis/view_holders.h"

#include <algorithm>
#include <ranges>
#include <string>

#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"

namespace seep::analysis {

using graph::NodeId;
using snapshot::GcRoot;
using snapshot::GoType;
using snapshot::RootReference;
using snapshot::TypeId;
using snapshot::TypeKind;

namespace {

constexpr std::size_t kSamples = 8;
constexpr int kDeepestValue = 64;  // what claims to nest deeper is damaged
constexpr int kMostLevels = 4;
constexpr std::size_t kFewReferences = 64;

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15u + (a << 6))) * 0xbf58476d1ce4e5b9u;
  return x ^ (x >> 29);
}

std::string text_of(const std::vector<HolderStep>& way) {
  std::string text;
  for (const HolderStep& step : way)
    text += std::string(to_text(step.kind)) + "\n" + step.name + "\n" + step.type + "\n";
  return text;
}

std::vector<HolderStep> way_to(const Evidence& evidence, const graph::RootPaths& paths,
                               const PartView& view) {
  const snapshot::Snapshot& snapshot = evidence.snapshot;
  std::vector<HolderStep> way;
  std::vector<HolderStep> last;
  if (evidence.graph.is_root(view.source)) {
    const snapshot::RootId root = evidence.graph.root(view.source);
    way.push_back(root_step(snapshot, evidence.types, root));
    last =
        root_reference_steps(snapshot, snapshot.roots[root], snapshot.roots.references[view.place]);
  } else {
    way = path_to(evidence.graph, paths, evidence.types, view.source);
    last = holder_steps(snapshot.types, evidence.types.of(evidence.graph.object(view.source)),
                        std::uint64_t{view.place} * 8);
  }
  way.insert(way.end(), last.begin(), last.end());
  // What the slice shows of its elements is told apart from who holds it.
  bool shows_elements = !view.string && !last.empty();
  if (shows_elements && way.back().kind == HolderKind::kElement) way.pop_back();
  return way;
}

}  // namespace

ViewHolders::ViewHolders(const Evidence& evidence) : evidence_(evidence) {
  evidence.dominators.for_each_dominated(graph::kSuperRoot, [&](NodeId top) {
    tops_.push_back(top);
    top_positions_.push_back(evidence.dominators.position(top));
  });
}

// The part of a value that an offset falls on, wherever in an array it lies.
ViewHolders::Field ViewHolders::field_at(TypeId type, std::uint64_t offset) const {
  const snapshot::TypeTable& types = evidence_.snapshot.types;
  Field field;
  if (types[type].size != 0) offset %= types[type].size;
  for (int depth = 0; depth < kDeepestValue; ++depth) {
    const GoType& value = types[type];
    if (value.kind == TypeKind::kArray && types[value.element].size != 0) {
      offset %= types[value.element].size;
      type = value.element;
    } else if (value.kind == TypeKind::kStruct) {
      auto after = std::ranges::upper_bound(value.fields, offset, {}, &snapshot::Field::offset);
      if (after == value.fields.begin()) break;
      const snapshot::Field& part = *std::prev(after);
      field.named = field.named || part.role != snapshot::PartRole::kInternal;
      field.offset += part.offset;
      offset -= part.offset;
      type = part.type;
    } else {
      break;
    }
  }
  return field;
}

std::uint64_t ViewHolders::identity_of_root(snapshot::RootId id) const {
  const GcRoot& root = evidence_.snapshot.roots[id];
  if (root.kind != snapshot::RootKind::kGoroutine ||
      root.goroutine >= evidence_.snapshot.goroutines.size())
    return mixed(1, id.value);
  return mixed(2, evidence_.snapshot.goroutines[root.goroutine].stack.value);
}

// The root that alone keeps a node; 0 if several do.
std::uint64_t ViewHolders::owner_of(NodeId node) const {
  auto after = std::ranges::upper_bound(top_positions_, evidence_.dominators.position(node));
  if (after == top_positions_.begin()) return 0;
  NodeId top = tops_[static_cast<std::size_t>(after - top_positions_.begin()) - 1];
  return evidence_.graph.is_root(top) ? identity_of_root(evidence_.graph.root(top)) : 0;
}

std::uint64_t ViewHolders::identity_of(const PartView& view) {
  const graph::ObjectGraph& graph = evidence_.graph;
  std::uint64_t identity = mixed(view.string ? 1 : 2, owner_of(view.source));
  if (graph.is_root(view.source)) {
    const RootReference& reference = evidence_.snapshot.roots.references[view.place];
    identity = mixed(identity, mixed(reference.frame, reference.name.value));
    return mixed(identity, field_at(reference.type, reference.offset).offset);
  }
  NodeId node = view.source;
  std::uint64_t offset = std::uint64_t{view.place} * 8;
  for (int level = 0; level < kMostLevels; ++level) {
    TypeId type = evidence_.types.of(graph.object(node));
    Field field = field_at(type, offset);
    identity = mixed(identity, mixed(type.value, field.offset));
    NodeId above = evidence_.dominators.dominator(node);
    if (field.named || !graph.is_object(above)) break;
    // Of a row it does not matter which element leads here.
    offset = 0;
    std::size_t left = kFewReferences;
    evidence_.snapshot.heap.for_each_reference(
        graph.object(above), [&](const snapshot::Reference& reference) {
          if (left > 0 && --left > 0 && reference.target == graph.object(node))
            offset = reference.offset;
        });
    node = above;
  }
  return identity;
}

std::uint32_t ViewHolders::number_of(const PartView& view) {
  auto [found, added] = numbers_.emplace(identity_of(view), count());
  if (added) samples_.emplace_back();
  std::vector<PartView>& samples = samples_[found->second];
  if (samples.size() < kSamples) samples.push_back(view);
  return found->second;
}

std::vector<HolderStep> way_to(const Evidence& evidence, const graph::RootPaths& paths,
                               const std::vector<PartView>& samples) {
  std::vector<HolderStep> best;
  for (const PartView& view : samples) {
    std::vector<HolderStep> way = way_to(evidence, paths, view);
    if (way.empty()) continue;
    bool better = best.empty() || way.size() < best.size() ||
                  (way.size() == best.size() && text_of(way) < text_of(best));
    if (better) best = std::move(way);
  }
  return best;
}

bool is_pooled(const std::vector<HolderStep>& way) {
  return std::ranges::any_of(way, [](const HolderStep& step) {
    return step.type.find("sync.Pool") != std::string::npos ||
           step.type.find("sync.pool") != std::string::npos;
  });
}

std::string last_name(const std::vector<HolderStep>& way) {
  for (const HolderStep& step : std::views::reverse(way))
    if (!step.name.empty()) return step.name;
  return "?";
}

}  // namespace seep::analysis
