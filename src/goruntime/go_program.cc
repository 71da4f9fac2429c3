#include "goruntime/go_program.h"

#include <string>
#include <utility>

#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/program_build.h"
#include "goruntime/runtime_variables.h"

namespace seep::goruntime {
namespace {

Result<void> resolve_runtime(GoProgram& program, const GoVersion& version,
                             const target::MemoryReader& memory) {
  program.layout = TRY(layout_from_dwarf(*program.dwarf, version));
  program.variables =
      TRY(find_runtime_variables(program.symbols, &*program.dwarf, program.slide()));
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
      new GoProgram{std::move(files), std::move(build), {}, {}, {}, {}, {}});
  const elf::ElfFile& described =
      program->files.debug ? *program->files.debug : program->files.executable;
  program->symbols = elf::SymbolTable::read(described);
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(described);
  if (!dwarf) {
    return fail(ErrorKind::kUnsupported,
                "the executable holds no debug information (was it built with -ldflags -w, or "
                "stripped?), and seep cannot do without it yet");
  }
  program->dwarf = std::move(*dwarf);
  program->untested = untested_release(version, program->dwarf.has_value());
  Result<void> resolved = resolve_runtime(*program, version, memory);
  if (!resolved) return std::unexpected(not_understood(program->untested, resolved.error()));
  return program;
}

}  // namespace seep::goruntime
