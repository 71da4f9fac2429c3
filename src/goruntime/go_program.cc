#include "goruntime/go_program.h"

#include <sys/stat.h>

#include <string>
#include <utility>
#include <vector>

#include "goruntime/go_version.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/runtime_variables.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"

namespace seep::goruntime {

namespace {

/// The slide of the executable: from its first mapping, which is told from those of libraries by
/// the inode, for the path of a deleted or replaced executable says nothing.
Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& file, const std::string& path) {
  if (!file.position_independent()) return 0;
  struct stat status{};
  if (stat(path.c_str(), &status) != 0) {
    return fail(ErrorKind::kTargetGone, "the process ended while its executable was read");
  }
  Diagnostics ignored;
  for (const procfs::Mapping& mapping : TRY(procfs::read_maps(pid, ignored))) {
    if (mapping.inode != status.st_ino) continue;
    std::optional<std::uint64_t> slide = file.slide(mapping.range.begin, mapping.offset);
    if (slide) return *slide;
  }
  return fail(ErrorKind::kUnsupported, "the executable is not mapped where its process runs");
}

}  // namespace

Result<std::unique_ptr<GoProgram>> open_program(pid_t pid, const target::MemoryReader& memory) {
  std::string path = procfs::proc_path(pid, "exe");
  elf::ElfFile file = TRY(elf::ElfFile::open(path));
  elf::BuildInfo build = TRY(elf::read_build_info(file));
  GoVersion version = TRY(parse_go_version(build.go_version));
  TRY(check_supported(version));
  std::uint64_t slide = TRY(find_slide(pid, file, path));

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
