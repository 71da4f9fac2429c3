// A snapshot's heap and goroutine profile, with the figures that runtime/pprof itself would give at
// that instant. Beside two: allocations count up to the freeze, not up to the last finished
// collection; and a goroutine's stack is what runtime.Stack prints, without the runtime's own
// frames at its end.
#pragma once

#include <cstdint>
#include <optional>

#include "profile/profile.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

struct ScaledSample {
  std::int64_t objects = 0;
  std::int64_t bytes = 0;

  bool operator==(const ScaledSample&) const = default;
};

/// What so many samples of objects of one size stand for when one is taken every `rate` bytes:
/// scaleHeapSample of runtime/pprof/protomem.go, the same from Go 1.12 to 1.27.
ScaledSample scale_heap_sample(std::uint64_t count, std::uint64_t object_bytes, std::uint64_t rate);

/// None where the program keeps no samples (MemProfileRate is 0). The profile refers to the
/// snapshot's strings.
std::optional<profile::Profile> heap_profile_of(const snapshot::Snapshot& snapshot);

/// Without the runtime's own goroutines; stacks by falling count. The profile refers to the
/// snapshot's strings.
profile::Profile goroutine_profile_of(const snapshot::Snapshot& snapshot);

}  // namespace seep::pipeline
