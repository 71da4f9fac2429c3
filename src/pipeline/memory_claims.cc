#include "pipeline/memory_claims.h"

#include <algorithm>

namespace seep::pipeline {

using goruntime::MemoryPart;
using goruntime::MemoryParts;

AddressRange intersection(AddressRange a, AddressRange b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

void split(AddressRange range, std::span<const MemoryParts> claims,
           std::vector<ClaimedPiece>& pieces) {
  if (range.size() == 0) return;
  if (claims.empty()) {
    pieces.push_back({range});
    return;
  }
  const MemoryParts& first = claims.front();
  std::span<const MemoryParts> others = claims.subspan(1);
  MemoryParts::const_iterator at =
      std::partition_point(first.begin(), first.end(),
                           [&](const MemoryPart& part) { return part.range.end <= range.begin; });
  Address done = range.begin;
  for (; at != first.end() && at->range.begin < range.end; ++at) {
    AddressRange claimed = intersection(range, at->range);
    split({done, claimed.begin}, others, pieces);
    pieces.push_back({claimed, &*at});
    done = claimed.end;
  }
  split({done, range.end}, others, pieces);
}

}  // namespace seep::pipeline
