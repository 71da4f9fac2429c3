// For tests and benchmarks of goruntime/: all that its readers ask for about a running program.
// Header only, because only programs that link goruntime/ can use it.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "dwarf/dwarf_info.h"
#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/module_data.h"
#include "goruntime/program_build.h"
#include "goruntime/runtime_layout.h"
#include "goruntime/runtime_variables.h"
#include "target/live_process.h"

namespace seep::test {

/// A program that is linked to a fixed address. Its memory is read as it runs: the test sees to it
/// that nothing changes.
struct RuntimeOfProcess {
  std::unique_ptr<elf::ElfFile> file;
  std::unique_ptr<elf::SymbolTable> symbols;
  std::unique_ptr<dwarf::DwarfInfo> dwarf;
  std::unique_ptr<target::LiveProcess> memory;
  goruntime::RuntimeLayout layout;
  goruntime::RuntimeVariables variables;
  std::vector<goruntime::ModuleData> modules;

  static Result<RuntimeOfProcess> open(pid_t pid) {
    RuntimeOfProcess runtime;
    std::string path = "/proc/" + std::to_string(pid) + "/exe";
    runtime.file = std::make_unique<elf::ElfFile>(TRY(elf::ElfFile::open(path)));
    runtime.symbols = std::make_unique<elf::SymbolTable>(elf::SymbolTable::read(*runtime.file));
    runtime.dwarf = std::make_unique<dwarf::DwarfInfo>(TRY(dwarf::DwarfInfo::open(*runtime.file)));
    runtime.memory = std::make_unique<target::LiveProcess>(TRY(target::LiveProcess::open(pid)));
    elf::BuildInfo build = TRY(goruntime::read_program_build(*runtime.file));
    goruntime::GoVersion version = TRY(goruntime::parse_go_version(build.go_version));
    runtime.layout = TRY(goruntime::layout_from_dwarf(*runtime.dwarf, version));
    runtime.variables =
        TRY(goruntime::find_runtime_variables(*runtime.symbols, runtime.dwarf.get(), 0));
    runtime.modules = TRY(goruntime::read_modules(*runtime.memory, runtime.layout,
                                                  runtime.variables.firstmoduledata));
    return runtime;
  }
};

}  // namespace seep::test
