#include "goruntime/go_program.h"

#include <string>
#include <utility>

#include "goruntime/executable_slide.h"
#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/program_build.h"
#include "goruntime/runtime_variables.h"
#include "procfs/proc_file.h"

namespace seep::goruntime {

Result<std::unique_ptr<GoProgram>> open_program(pid_t pid, const target::MemoryReader& memory) {
  std::string path = procfs::proc_path(pid, "exe");
  elf::ElfFile file = TRY(elf::ElfFile::open(path));
  elf::BuildInfo build = TRY(read_program_build(file));
  GoVersion version = TRY(parse_go_version(build.go_version));
  TRY(check_supported(version));
  std::uint64_t slide = TRY(find_slide(pid, file));

  std::unique_ptr<GoProgram> program(
      new GoProgram{std::move(file), std::move(build), {}, {}, slide, {}, {}});
  program->symbols = elf::SymbolTable::read(program->file);
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(program->file);
  if (!dwarf) {
    return fail(ErrorKind::kUnsupported,
                "the executable holds no debug information (was it built with -ldflags -w, or "
                "stripped?), and seep cannot do without it yet");
  }
  program->dwarf = std::move(*dwarf);
  program->layout = TRY(layout_from_dwarf(*program->dwarf, version));
  program->variables =
      TRY(find_runtime_variables(program->symbols, &*program->dwarf, program->slide));
  program->layout.wait_reasons = TRY(read_wait_reasons(memory, program->variables));
  return program;
}

}  // namespace seep::goruntime
