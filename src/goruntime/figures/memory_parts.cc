#include "goruntime/figures/memory_parts.h"

#include <algorithm>
#include <utility>

namespace seep::goruntime {

std::uint64_t make_disjoint(MemoryParts& parts) {
  std::sort(parts.begin(), parts.end(),
            [](const MemoryPart& a, const MemoryPart& b) { return a.range < b.range; });
  std::uint64_t overlapping = 0;
  std::size_t kept = 0;
  for (MemoryPart part : parts) {
    if (kept > 0 && part.range.begin < parts[kept - 1].range.end) {
      if (part.account != parts[kept - 1].account) ++overlapping;
      part.range.begin = parts[kept - 1].range.end;
    }
    if (part.range.size() == 0) continue;
    bool alike = kept > 0 && part.range.begin == parts[kept - 1].range.end &&
                 part.account == parts[kept - 1].account &&
                 part.account != snapshot::Resident::kHeapLive;
    if (alike) {
      parts[kept - 1].range.end = part.range.end;
    } else {
      parts[kept++] = part;
    }
  }
  parts.resize(kept);
  return overlapping;
}

}  // namespace seep::goruntime
