// Which entries of the table of known leaks a program has, by the rules of known_leaks_data.h.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/scenarios/known_leaks_data.h"
#include "base/bitmap.h"
#include "graph/reachability.h"

namespace seep::analysis {

struct KnownLeakMatch {
  const KnownLeak* leak = nullptr;
  Confidence confidence = Confidence::kPossible;
  std::uint64_t count = 0;      ///< as the entry counts
  std::uint64_t looked_at = 0;  ///< how many fit the entry by their looks, used soundly or not
  graph::Extent extent;         ///< would come back
  std::vector<std::uint32_t> goroutines;  ///< whose stacks tell it
  std::vector<std::uint32_t> helpers;     ///< that belong to it besides
  snapshot::ObjectId example;             ///< one of the objects, or the container; or none
  Removal removal{};                      ///< what `extent` was counted by, if that is known
};

/// One part of the evidence: several analyses ask for it, and it costs a pass over all objects.
struct KnownLeaks {
  std::vector<KnownLeakMatch> matches;
  /// By index into Snapshot::goroutines: those that a match accounts for which is at least likely,
  /// so that no other finding need count them. One that hangs always belongs to such a match, or to
  /// none.
  Bitmap goroutines;
};

KnownLeaks match_known_leaks(const Evidence& evidence);

/// False also where known leaks were not asked for.
bool is_of_known_leak(const Evidence& evidence, std::uint32_t goroutine);

}  // namespace seep::analysis
