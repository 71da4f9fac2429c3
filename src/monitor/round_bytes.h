// A round as bytes: each sample by itself, whole, so that writing it needs nothing of the rounds
// before. docs/formats/seep-store.md describes the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "monitor/figure.h"

namespace seep::monitor {

/// A sample and the number of its process in the store; monotonic_ns is the store's time.
struct StoredSample {
  std::int64_t process = 0;
  ProcessSample sample;
};

inline constexpr std::size_t kMostRoundSamples = 65536;

/// At most kMostRoundSamples.
std::vector<std::byte> encode_round(std::span<const StoredSample> samples);

/// Figures that this seep does not know are left out. kCorrupt, kTruncated.
/// Those of processes for which `wanted` says so are read, the others skipped.
Result<std::vector<StoredSample>> decode_round(
    std::span<const std::byte> round,
    const std::function<bool(std::int64_t process)>& wanted = [](std::int64_t) { return true; });

}  // namespace seep::monitor
