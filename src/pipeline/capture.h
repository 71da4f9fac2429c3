// From a running process to a snapshot: the first of the two columns of steps that are the map of
// the program (the other is analyze.cc).
#pragma once

#include <sys/types.h>

#include "base/result.h"
#include "pipeline/progress.h"
#include "snapshot/snapshot.h"
#include "target/program_files.h"

namespace seep::pipeline {

struct CaptureOptions {
  /// kFork falls back to kStop by itself where forking is refused; the snapshot says so.
  snapshot::FreezeMode mode = snapshot::FreezeMode::kFork;
  /// Keep short previews of string contents. Off: the snapshot holds none of the program's data.
  bool values = false;
  /// Look at where the resident memory is, before the process is stopped.
  bool resident = false;
  target::ProgramFileOptions files{};
  ProgressCallback progress{};
};

/// Stops the process for milliseconds, reads a frozen copy of it, and leaves it as it was.
Result<snapshot::Snapshot> capture(pid_t pid, const CaptureOptions& options);

}  // namespace seep::pipeline
