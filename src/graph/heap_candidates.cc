#include "graph/heap_candidates.h"

#include <algorithm>
#include <bit>

namespace seep::graph {

using snapshot::GoType;
using snapshot::HeapType;
using snapshot::ObjectMask;
using snapshot::SlotShape;
using snapshot::TypeId;

namespace {

constexpr std::uint64_t kMostWords = 4096;  ///< of a type that are compared

bool test(const std::vector<std::uint64_t>& bits, std::uint64_t at) {
  return at / 64 < bits.size() && ((bits[at / 64] >> (at % 64)) & 1) != 0;
}

/// Index of the last bit that is set; some must be.
std::uint64_t last_of(const std::vector<std::uint64_t>& bits) {
  std::size_t word = bits.size();
  while (word > 1 && bits[word - 1] == 0) --word;
  return word * 64 - 1 - static_cast<std::uint64_t>(std::countl_zero(bits[word - 1]));
}

bool any(const std::vector<std::uint64_t>& bits) {
  return std::ranges::any_of(bits, [](std::uint64_t word) { return word != 0; });
}

}  // namespace

HeapCandidates::HeapCandidates(const snapshot::Snapshot& snapshot, PointerSlots& slots)
    : types_(snapshot.heap_types) {
  std::map<std::pair<std::uint64_t, std::vector<std::uint64_t>>, std::size_t> known;
  for (std::uint32_t i = 0; i < types_.size(); ++i) {
    TypeId type = types_[i].layout;
    by_layout_[type.value].push_back(i * 2);
    std::uint64_t words = snapshot.types[type].size / 8;
    std::uint64_t compared = std::min({words, snapshot.types[type].pointer_bytes / 8, kMostWords});
    std::vector<std::uint64_t> bits((compared + 63) / 64);
    for (std::uint64_t word = 0; word < compared; ++word) {
      if (slots.at(type, word * 8)) bits[word / 64] |= std::uint64_t{1} << (word % 64);
    }
    if (!any(bits)) continue;
    auto [place, is_new] = known.try_emplace({words, bits}, layouts_.size());
    if (is_new) layouts_.push_back({words, bits, last_of(bits), {}});
    layouts_[place->second].types.push_back(i * 2);
  }
}

std::vector<std::uint32_t> HeapCandidates::fitting(const SlotShape& shape,
                                                   const ObjectMask& mask) const {
  std::vector<std::uint32_t> found;
  if (!any(mask.bits)) return found;
  for (const Layout& layout : layouts_) {
    std::uint64_t count = count_in(layout, shape, mask);
    if (count == 0) continue;
    for (std::uint32_t type : layout.types) found.push_back(type + (count > 1 ? 1 : 0));
  }
  std::ranges::sort(found);
  return found;
}

const std::vector<std::uint32_t>& HeapCandidates::of_layout(TypeId type) const {
  auto found = by_layout_.find(type.value);
  return found == by_layout_.end() ? none_ : found->second;
}

// The mask of several values is that of one, repeated; how many there are it says itself. Of long
// objects it ends somewhere, and the slot says how many there can be.
std::uint64_t HeapCandidates::count_in(const Layout& layout, const SlotShape& shape,
                                       const ObjectMask& mask) {
  std::uint64_t bytes = layout.words * 8;
  std::uint64_t count = bytes == 0 ? 0 : shape.usable / bytes;
  std::uint64_t last = last_of(mask.bits);
  if (!mask.prefix && count != 0) {
    if (last < layout.last || (last - layout.last) % layout.words != 0) return 0;
    std::uint64_t values = (last - layout.last) / layout.words + 1;
    if (values > count) return 0;
    count = values;
  }
  if (count * bytes <= shape.exact_min) return 0;
  std::uint64_t in_value = 0;
  for (std::uint64_t word = 0; word <= last; ++word) {
    // What of a long type was not worked out is not compared.
    bool compared = in_value < kMostWords;
    if (compared && test(mask.bits, word) != test(layout.bits, in_value)) return 0;
    if (++in_value == layout.words) in_value = 0;
  }
  return count;
}

}  // namespace seep::graph
