// What the executable of a running Go program tells before its memory is looked at: release, debug
// information, and from them the layout and the places of the runtime's own variables.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "goruntime/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Everything here stays valid while the process runs, so it is made before the freeze.
struct GoProgram {
  elf::ElfFile file;
  elf::BuildInfo build;
  elf::SymbolTable symbols;
  std::optional<dwarf::DwarfInfo> dwarf;
  std::uint64_t slide = 0;  ///< process address minus linked address
  RuntimeLayout layout;
  RuntimeVariables variables;
};

/// Opens /proc/PID/exe. `memory` is the live process: only words that never change are read.
/// kUnsupported, with a sentence, for programs that are not Go's or of a release that is not known.
Result<std::unique_ptr<GoProgram>> open_program(pid_t pid, const target::MemoryReader& memory);

}  // namespace seep::goruntime
