#include "analysis/view_holders.h"

#include <algorithm>
#include <ranges>
#include <string>

#include "analysis/held_pattern.h"
#include "analysis/holder_path.h"

namespace seep::analysis {

using snapshot::GcRoot;
using snapshot::RootReference;
using snapshot::TypeId;

namespace {

constexpr std::size_t kSamples = 32;
constexpr std::uint64_t kShare = 20;
constexpr ByteSize kMaterial{std::uint64_t{64} << 20};

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
    last = root_reference_steps(snapshot, snapshot.roots[root],
                                snapshot.roots.references[view.root_reference]);
  } else {
    way = path_to(evidence.graph, paths, evidence.types, view.source);
    last = holder_steps(snapshot.types, evidence.types.of(evidence.graph.object(view.source)),
                        view.source_offset);
  }
  way.insert(way.end(), last.begin(), last.end());
  // What the slice shows of its elements is told apart from who holds it.
  bool shows_elements = !view.string && !last.empty();
  if (shows_elements && way.back().kind == HolderKind::kElement) way.pop_back();
  return way;
}

}  // namespace

ViewHolders::Key ViewHolders::key_of(const PartView& view) const {
  std::uint32_t slots = snapshot_->heap.slot_count;
  if (view.source.value > slots)
    return {(std::uint64_t{1} << 32) + (view.source.value - slots), view.source_offset,
            view.string};
  TypeId type = types_->of(snapshot::ObjectId{view.source.value});
  std::uint64_t size = snapshot_->types[type].size;
  std::uint64_t offset = size == 0 ? 0 : view.source_offset % size;
  return {type.value, offset, view.string};
}

std::uint32_t ViewHolders::number_of(const PartView& view) {
  auto [found, added] = numbers_.emplace(key_of(view), count());
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

bool is_material(const Evidence& evidence, ByteSize bytes) {
  std::uint64_t live = evidence.completeness.reachable_bytes.bytes();
  return bytes >= kMaterial || bytes.bytes() >= live / kShare;
}

}  // namespace seep::analysis
