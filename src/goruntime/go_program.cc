#include "goruntime/go_program.h"

#include <utility>
#include <vector>

#include "goruntime/function_table.h"
#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/layout_from_table.h"
#include "goruntime/module_data.h"
#include "goruntime/module_search.h"
#include "goruntime/program_build.h"
#include "goruntime/runtime_variables.h"
#include "goruntime/variables_by_shape.h"

namespace seep::goruntime {
namespace {

/// Neither symbols nor debug information name the runtime's variables.
Result<RuntimeVariables> search_variables(const GoProgram& program,
                                          const target::MemoryReader& memory,
                                          Diagnostics& diagnostics) {
  Address first =
      TRY(find_module_data(program.files.executable, program.slide(), memory, program.layout));
  std::vector<ModuleData> modules = TRY(read_modules(memory, program.layout, first));
  FunctionTable functions = TRY(FunctionTable::build(memory, program.layout, modules));
  return find_variables_by_shape({memory, program.layout, modules.front(), functions}, diagnostics);
}

Result<void> resolve_runtime(GoProgram& program, const GoVersion& version,
                             const target::MemoryReader& memory) {
  program.layout = program.dwarf ? TRY(layout_from_dwarf(*program.dwarf, version))
                                 : TRY(layout_of_release(version));
  const dwarf::DwarfInfo* dwarf = program.dwarf ? &*program.dwarf : nullptr;
  Result<RuntimeVariables> named = find_runtime_variables(program.symbols, dwarf, program.slide());
  // strip -x and the like leave some symbols, but not those of the runtime.
  program.variables = named ? *named : TRY(search_variables(program, memory, program.diagnostics));
  program.layout.wait_reasons = TRY(read_wait_reasons(memory, program.variables));
  return {};
}

}  // namespace

Result<std::unique_ptr<GoProgram>> open_program(target::ProgramFiles files,
                                                const target::MemoryReader& memory) {
  elf::BuildInfo build = TRY(read_program_build(files.executable));
  GoVersion version = TRY(parse_go_version(build.go_version));
  TRY(check_supported(version));

  std::unique_ptr<GoProgram> program(
      new GoProgram{std::move(files), std::move(build), {}, {}, {}, {}, {}, {}});
  const elf::ElfFile& described =
      program->files.debug ? *program->files.debug : program->files.executable;
  program->symbols = elf::SymbolTable::read(described);
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(described);
  if (dwarf) {
    program->dwarf = std::move(*dwarf);
  } else if (described.has_debug_info()) {
    program->diagnostics.count("debug information not readable");
  }
  program->untested = untested_release(version, program->dwarf.has_value());
  Result<void> resolved = resolve_runtime(*program, version, memory);
  if (!resolved) return std::unexpected(not_understood(program->untested, resolved.error()));
  return program;
}

}  // namespace seep::goruntime
