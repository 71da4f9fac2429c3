#include "analysis/held_types.h"

#include <algorithm>

#include "graph/reference_path.h"

namespace seep::analysis {
namespace {

using snapshot::ObjectId;

constexpr std::size_t kShown = 3;
constexpr std::uint64_t kWorthAWord = 20;  ///< a twentieth of the whole

struct Sum {
  graph::Extent extent;
  ObjectId example;
};

}  // namespace

std::vector<std::vector<TypeShare>> types_held(const Evidence& evidence, const RootGroups& held,
                                               std::uint32_t count) {
  // A type and the array of it are two entries, as in names.
  std::size_t types = evidence.snapshot.types.size() * 2;
  std::vector<std::vector<Sum>> sums(count, std::vector<Sum>(types));
  for (const snapshot::Span& span : evidence.snapshot.heap.spans)
    for (std::uint32_t slot = 0; slot < span.slot_count; ++slot) {
      ObjectId id{span.first.value + slot};
      std::uint32_t group = held.owner_of(id);
      if (group == 0 || group > count) continue;
      bool array = id.value < evidence.types.arrays.size() && evidence.types.arrays.test(id.value);
      std::size_t type = std::size_t{evidence.types.of(id).value} * 2 + (array ? 1 : 0);
      if (type >= types) continue;
      Sum& sum = sums[group - 1][type];
      sum.example = id;
      ++sum.extent.objects;
      sum.extent.bytes += ByteSize(span.slot_bytes);
    }
  std::vector<std::vector<TypeShare>> shares(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (const Sum& sum : sums[i]) {
      if (sum.extent.objects == 0) continue;
      std::string name =
          graph::object_type_name(evidence.snapshot.types, evidence.types, sum.example);
      shares[i].push_back({name == "?" ? "" : name, sum.extent});
    }
    std::stable_sort(
        shares[i].begin(), shares[i].end(),
        [](const TypeShare& a, const TypeShare& b) { return b.extent.bytes < a.extent.bytes; });
  }
  return shares;
}

std::string to_text(const std::vector<TypeShare>& shares) {
  ByteSize all;
  for (const TypeShare& share : shares) all += share.extent.bytes;
  std::string text;
  for (std::size_t i = 0; i < shares.size() && i < kShown; ++i) {
    if (shares[i].extent.bytes.bytes() * kWorthAWord < all.bytes()) break;
    text += (text.empty() ? "" : ", ") +
            (shares[i].type.empty() ? std::string("objects of unknown type") : shares[i].type) +
            " " + seep::to_text(shares[i].extent.bytes);
  }
  return text;
}

}  // namespace seep::analysis
