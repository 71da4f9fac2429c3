// How what is stored grows old: rounds become chunks, chunks of old samples become fewer and
// thinner ones, the oldest go. All of it inside a transaction of the caller.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "monitor/database.h"
#include "monitor/store.h"

namespace seep::monitor {

/// How much of the past a chunk holds: of every sample, of two for each 10 s, of two for each
/// minute.
enum class Tier : std::uint8_t { kEverySample, kTenSeconds, kMinutes };

/// Whether so many rounds wait that they should become chunks.
Result<bool> rounds_are_due(Database& database, const StoreLimits& limits);

/// All rounds become chunks; then what is old by the time of the last round is thinned or deleted,
/// and more of it if the file would become too large. What is damaged is deleted.
Result<void> fold_rounds(Database& database, const StoreLimits& limits);

}  // namespace seep::monitor
