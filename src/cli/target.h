// TARGET of the command line: which program, or which file.
#pragma once

#include <sys/types.h>

#include <string>
#include <variant>

#include "base/result.h"
#include "cli/command.h"
#include "pipeline/capture.h"
#include "snapshot/snapshot.h"

namespace seep::cli {

struct LiveTarget {
  pid_t pid = 0;
  bool operator==(const LiveTarget&) const = default;
};
struct SnapshotFileTarget {
  std::string path;
  bool operator==(const SnapshotFileTarget&) const = default;
};
struct CoreFileTarget {
  std::string path;
  bool operator==(const CoreFileTarget&) const = default;
};
using Target = std::variant<LiveTarget, CoreFileTarget, SnapshotFileTarget>;

/// A number is a process id, "name:PATTERN" the one live Go process whose program name matches (a
/// pattern with * ? [ ] as a shell's, else a part of the name), all else a file: a core or a
/// snapshot. What seep cannot read yet (profiles, URLs) is kUnsupported and says so.
Result<Target> parse_target(const std::string& text);

/// A live process only.
Result<pid_t> parse_pid(const std::string& text);

/// What --exe says.
target::ProgramFileOptions program_files_of(const Arguments& arguments);

/// Captures the process, or what the core tells of it, or reads the snapshot.
Result<snapshot::Snapshot> load_target(const std::string& text,
                                       const pipeline::CaptureOptions& options);

}  // namespace seep::cli
