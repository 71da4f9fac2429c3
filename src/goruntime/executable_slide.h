// Where the kernel loaded the executable of a process, relative to where it was linked.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::goruntime {

/// Process address minus linked address; 0 for executables at a fixed address. `file` is the
/// process's executable.
Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& file);

}  // namespace seep::goruntime
