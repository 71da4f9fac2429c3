// Where the resident memory of a live process is: every page in one account, without stopping the
// process.
//
// The kernel says which pages are there (smaps, pagemap), the runtime what its pages are for; both
// go on changing while they are read. What comes and goes meanwhile shows as "unexplained", a small
// share unless the process is busy building up or taking down.
#pragma once

#include <sys/types.h>

#include "base/diagnostics.h"
#include "base/result.h"
#include "snapshot/resident_memory.h"

namespace seep::pipeline {

/// Any process, Go or not. kNotFound, kPermissionDenied. What of a Go runtime cannot be read is
/// counted, and its memory goes by what the kernel says alone.
Result<snapshot::ResidentReading> read_resident(pid_t pid, Diagnostics& diagnostics);

}  // namespace seep::pipeline
