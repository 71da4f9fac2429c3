// Which process this is, in the kernel's words and its linker's: for the head of every report.
#pragma once

#include <sys/types.h>

#include <optional>

#include "elf/build_info.h"
#include "goruntime/go_program.h"
#include "snapshot/snapshot.h"
#include "target/core_file.h"

namespace seep::pipeline {

/// What cannot be read stays empty: none of it is needed to look at the heap.
snapshot::ProgramInfo describe_program(pid_t pid, const goruntime::GoProgram& program);

/// The same of a process that is not frozen; without a build it has no Go in it.
snapshot::ProgramInfo describe_process(pid_t pid, const std::optional<elf::BuildInfo>& build);

/// The same from a core: what only the kernel knew of the process (its resident memory, since when
/// it ran) is not in there.
snapshot::ProgramInfo describe_core(const target::CoreFile& core,
                                    const goruntime::GoProgram& program);

/// The limit that the process will meet first: its cgroup's, the one that GOMEMLIMIT sets, the
/// host.
void choose_limit(pid_t pid, const snapshot::RuntimeStatistics& runtime,
                  snapshot::ProgramInfo& info);

}  // namespace seep::pipeline
