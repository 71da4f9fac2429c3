// Which process this is, in the kernel's words and its linker's: for the head of every report.
#pragma once

#include <sys/types.h>

#include "goruntime/go_program.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

/// What cannot be read stays empty: none of it is needed to look at the heap.
snapshot::ProgramInfo describe_program(pid_t pid, const goruntime::GoProgram& program);

/// The limit that the process will meet first: its cgroup's, the one that GOMEMLIMIT sets, the
/// host.
void choose_limit(pid_t pid, const snapshot::RuntimeStatistics& runtime,
                  snapshot::ProgramInfo& info);

}  // namespace seep::pipeline
