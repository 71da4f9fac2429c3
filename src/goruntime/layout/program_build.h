// What a program says of the toolchain that built it.
#pragma once

#include "base/result.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"

namespace seep::goruntime {

/// The build information; for programs of Go 1.12, which have none, the version alone, from the
/// variable that holds it. kUnsupported for what is no Go program.
Result<elf::BuildInfo> read_program_build(const elf::ElfFile& file);

}  // namespace seep::goruntime
