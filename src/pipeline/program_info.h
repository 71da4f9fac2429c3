// Which process this is, in the kernel's words and its linker's: for the head of every report.
#pragma once

#include <sys/types.h>

#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "snapshot/snapshot.h"

namespace seep::pipeline {

/// What cannot be read stays empty: none of it is needed to look at the heap.
snapshot::ProgramInfo describe_program(pid_t pid, const elf::ElfFile& file,
                                       const elf::BuildInfo& build, bool has_symbols);

/// The limit that the process will meet first: its cgroup's, the one that GOMEMLIMIT sets, the
/// host.
void choose_limit(pid_t pid, const snapshot::RuntimeStatistics& runtime,
                  snapshot::ProgramInfo& info);

}  // namespace seep::pipeline
