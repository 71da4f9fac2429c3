#include "support/random_graph.h"

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <utility>

#include "support/notation_heap.h"

namespace seep::test {

using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::RootKind;
using snapshot::RootReference;
using snapshot::Snapshot;

namespace {

constexpr std::uint32_t kMaxWords = 64;

}  // namespace

Snapshot random_graph(std::uint64_t seed, const RandomGraphShape& shape) {
  std::mt19937_64 random(seed);
  auto below = [&random](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  Snapshot snapshot;
  std::vector<DrawnObject> objects(1);
  for (std::uint32_t i = 0; i < shape.objects; ++i)
    objects.push_back({{}, {}, 8 * (1 + std::uint64_t{below(kMaxWords)})});
  std::vector<DrawnReference> references;
  std::set<std::pair<std::uint32_t, std::uint64_t>> taken;
  for (std::uint32_t i = 0; i < shape.references; ++i) {
    DrawnReference reference{1 + below(shape.objects), 0, 1 + below(shape.objects), below(4) == 0};
    std::uint32_t words = static_cast<std::uint32_t>(objects[reference.source].bytes / 8);
    reference.offset = 8 * std::uint64_t{below(words)};
    if (taken.emplace(reference.source, reference.offset).second) references.push_back(reference);
  }
  // Nothing refers to a slot that is not allocated, and it refers to nothing.
  std::vector<bool> free(shape.objects + 1);
  for (std::uint32_t i = 1; i <= shape.objects; ++i) free[i] = below(8) == 0;
  std::erase_if(references, [&free](const DrawnReference& r) { return free[r.source]; });
  for (std::uint32_t i = 0; i < shape.roots; ++i) {
    GcRoot root;
    root.kind = RootKind::kGlobal;
    root.name = snapshot.strings.intern("main.v" + std::to_string(i));
    root.first_reference = static_cast<std::uint32_t>(snapshot.roots.references.size());
    std::uint32_t last_share = i + 1 == shape.roots ? shape.root_references : 0;
    std::uint32_t share = std::max(last_share, shape.root_references / shape.roots);
    for (std::uint32_t k = 0; k < share; ++k) {
      RootReference reference;
      reference.target = ObjectId{1 + below(shape.objects)};
      snapshot.roots.references.push_back(reference);
      ++root.reference_count;
    }
    snapshot.roots.roots.push_back(root);
  }
  build_heap(objects, std::move(references), {}, snapshot);
  for (std::uint32_t i = 1; i <= shape.objects; ++i)
    if (free[i]) snapshot.heap.allocated.clear(i);
  return snapshot;
}

RandomGraphShape random_shape(std::uint64_t seed, std::uint32_t max_objects) {
  std::mt19937_64 random(seed * 7919 + 1);
  auto below = [&random](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  RandomGraphShape shape;
  shape.objects = 1 + below(max_objects);
  shape.roots = 1 + below(4);
  shape.references = below(3 * shape.objects);
  shape.root_references = 1 + below(6);
  return shape;
}

}  // namespace seep::test
