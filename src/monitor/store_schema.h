// The tables of a store, and whether a file is one. docs/formats/seep-store.md describes them.
#pragma once

#include "base/result.h"
#include "monitor/database.h"

namespace seep::monitor {

/// False: there is nothing in the file yet. kInvalidArgument: it is something else.
Result<bool> is_store(Database& database);

/// In an empty file.
Result<void> create_schema(Database& database);

/// Whether the file is a store of a version we read, and has our tables and nothing else: what a
/// foreign file calls by our names may be anything. kInvalidArgument, kUnsupported, kCorrupt.
Result<void> check_schema(Database& database);

/// The largest the file may become, its log aside.
Result<void> bound_file(Database& database, std::uint64_t most_bytes);

inline constexpr std::int64_t kPageBytes = 4096;

}  // namespace seep::monitor
