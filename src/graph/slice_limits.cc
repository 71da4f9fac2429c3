#include "graph/slice_limits.h"

#include <algorithm>

namespace seep::graph {

using snapshot::Heap;
using snapshot::ObjectId;
using snapshot::ReferenceTable;
using snapshot::Window;

namespace {

// Longer objects are read in parts, at whose ends a header may have been seen in half.
constexpr std::uint64_t kMostBytes = std::uint64_t{32} << 10;

}  // namespace

std::vector<NoSlice> words_of_no_slice(const Heap& heap) {
  const ReferenceTable& table = heap.references;
  std::vector<NoSlice> found;
  std::uint32_t object = 0;     // that the last window belongs to
  std::uint32_t reference = 0;  // the next of it whose step was not counted yet
  std::uint64_t words = 0;      // up to there
  for (const Window& window : heap.windows) {
    if (window.capacity != Window::kNone || window.reference >= table.targets.size()) continue;
    if (window.reference >= table.first[object + 1]) {
      auto after = std::ranges::upper_bound(table.first, window.reference);
      object = static_cast<std::uint32_t>(after - table.first.begin()) - 1;
      reference = table.first[object];
      words = 0;
    }
    for (; reference <= window.reference; ++reference)
      words += table.steps[reference] & ReferenceTable::kMaxStep;
    if (words == 0 || heap.size_of(ObjectId{object}) > kMostBytes) continue;
    found.push_back({ObjectId{object}, (words - 1) * sizeof(std::uint64_t)});
  }
  return found;
}

}  // namespace seep::graph
