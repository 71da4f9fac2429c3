// Snapshots as files (.seep): taken on one machine, read on another, without the executable.
// docs/formats/seep-snapshot.md describes the bytes.
//
// A file holds names, sizes and references, and none of the program's data unless the snapshot has
// `values`, which are kept only when the user asked for them.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "snapshot/snapshot.h"

namespace seep::snapshot {

inline constexpr std::uint32_t kOldestSupportedVersion = 1;
inline constexpr std::uint32_t kCurrentVersion = 4;

/// Writes beside `path` and renames at the end: there is the whole file or none, and what was there
/// before stays until then. A `path` that is no regular file (a pipe, /dev/full) is written to as
/// it is. Fails with kIo, kPermissionDenied or kNotFound; leaves nothing behind.
Result<void> write_snapshot_file(const Snapshot& snapshot, const std::string& path);

/// What is read holds together (snapshot_check.h). program.kind is kSnapshot. Fails with kNotFound,
/// kPermissionDenied, kIo; kInvalidArgument: not such a file; kUnsupported: of another version;
/// kTruncated, kCorrupt.
Result<Snapshot> read_snapshot_file(const std::string& path);

/// Whether the file can be opened and begins as a snapshot does.
bool is_snapshot_file(const std::string& path);

}  // namespace seep::snapshot
