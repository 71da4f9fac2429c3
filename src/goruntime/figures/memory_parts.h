// Parts of a process's memory, and what each is used for.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "snapshot/resident_memory.h"

namespace seep::goruntime {

struct MemoryPart {
  AddressRange range;
  /// kHeapLive stands for spans with objects, kReturnedLazily for all that is given back: of such
  /// pages none should be resident, and which account it is if they are, the kernel decides.
  snapshot::Resident account = snapshot::Resident::kUnexplained;
  /// Of kHeapLive; the rest is waste. Of the garbage `new_bytes` were allocated since the last
  /// collection, which so has not judged them.
  std::uint64_t live_bytes = 0, garbage_bytes = 0, new_bytes = 0;

  bool operator==(const MemoryPart&) const = default;
};

/// Rising by address, without overlaps.
using MemoryParts = std::vector<MemoryPart>;

/// Sorts, joins neighbours that are alike (not those with objects), and cuts off what overlaps an
/// earlier part; returns how many of them did.
std::uint64_t make_disjoint(MemoryParts& parts);

}  // namespace seep::goruntime
