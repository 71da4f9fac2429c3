// What the executable of a running Go program tells before its memory is looked at: release, debug
// information, and from them the layout and the places of the runtime's own variables.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/diagnostics.h"
#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "goruntime/code/module_data.h"
#include "goruntime/code/module_names.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/layout/untested_release.h"
#include "target/memory_reader.h"
#include "target/program_files.h"

namespace seep::goruntime {

/// What the file of a plugin or of another library with Go code says about it.
struct LibraryNames {
  AddressRange range;  ///< in the process
  std::uint64_t slide = 0;
  elf::SymbolTable symbols;
  std::optional<dwarf::DwarfInfo> dwarf;
};

/// Everything here stays valid while the process runs, so it is made before the freeze.
struct GoProgram {
  target::ProgramFiles files;
  elf::BuildInfo build;
  elf::SymbolTable symbols;               ///< empty: the program is stripped
  std::optional<dwarf::DwarfInfo> dwarf;  ///< none: built with -ldflags -w, or stripped
  RuntimeLayout layout;
  RuntimeVariables variables;
  std::optional<UntestedRelease> untested;  ///< what is read must be checked: check_untested
  Diagnostics diagnostics;                  ///< what was not found
  std::vector<LibraryNames> libraries;      ///< of files.libraries

  std::uint64_t slide() const { return files.slide; }
};

/// Of each module, which is the first or comes from a library.
std::vector<ModuleNames> names_of_modules(const GoProgram& program,
                                          const std::vector<ModuleData>& modules);

/// How many libraries have Go code that the runtime of the program knows nothing of.
std::uint64_t other_runtimes(const GoProgram& program, const std::vector<ModuleData>& modules);

/// `memory` is the live process or the core. Of a program with symbols only words that never change
/// are read; that of another is searched, and looked at again where it was changing.
/// kUnsupported, with a sentence, for programs that are not Go's or of a release that is not known.
Result<std::unique_ptr<GoProgram>> open_program(target::ProgramFiles files,
                                                const target::MemoryReader& memory);

}  // namespace seep::goruntime
