// Samples of one process as bytes: a column for each figure, its values as differences, so that
// what does not change costs next to nothing. A column can be read without the others.
// docs/formats/seep-store.md describes the bytes.
//
// ProcessSample::monotonic_ns is the store's time here. Times are cut to the millisecond.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "monitor/figure.h"
#include "monitor/series.h"

namespace seep::monitor {

/// In a chunk; no store of ours comes near.
inline constexpr std::size_t kMostChunkRows = 4096;

/// Times a store may hold, either way of 1970: up to 2065. Three of them as nanoseconds can be
/// added without a thought.
inline constexpr std::int64_t kLatestMs = 3'000'000'000'000;

/// In any order; neighbours should be alike. At most kMostChunkRows.
std::vector<std::byte> encode_chunk(std::span<const ProcessSample> rows);

/// As encoded. Figures that this seep does not know are left out. kCorrupt, kTruncated.
Result<std::vector<ProcessSample>> decode_chunk(std::span<const std::byte> chunk);

/// Of the rows that have it.
Result<std::vector<Sample>> decode_figure(std::span<const std::byte> chunk, Figure figure);

}  // namespace seep::monitor
