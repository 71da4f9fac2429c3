// Where a watch puts the snapshots that it takes by itself and their profiles, within a bound on
// the disk: the oldest of its own go when a new one would not fit. Other files in the folder are
// left alone.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace seep::pipeline {

/// "x.heap.pb.gz" of "x.seep": where the profiles of a snapshot lie.
std::string heap_profile_path(const std::string& snapshot_path);
std::string goroutine_profile_path(const std::string& snapshot_path);

class SnapshotFolder {
 public:
  /// Makes the folder if it is not there. kPermissionDenied, kIo, kInvalidArgument: it is a file.
  static Result<SnapshotFolder> open(const std::string& path, std::uint64_t most_bytes);

  /// A new file's path: "FOLDER/watch-PROGRAM-PID-20261129T140305.123Z.seep". `asked`: without
  /// "watch-", because what somebody asked for is not removed.
  std::string path_for(const std::string& program, std::uint32_t pid, std::int64_t wall_ns,
                       bool asked) const;

  /// Removes its oldest snapshots with their profiles until all fit, but never the newest.
  void keep_bound() const;

 private:
  SnapshotFolder(std::string path, std::uint64_t most_bytes)
      : path_(std::move(path)), most_bytes_(most_bytes) {}

  std::string path_;
  std::uint64_t most_bytes_;
};

}  // namespace seep::pipeline
