#include "target/program_files.h"

#include <string>
#include <utility>

#include "procfs/auxv.h"
#include "procfs/proc_file.h"

namespace seep::target {

Result<ProgramFiles> find_program_files(pid_t pid) {
  elf::ElfFile executable = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe")));
  std::uint64_t slide = TRY(find_slide(pid, executable));
  return ProgramFiles{std::move(executable), std::nullopt, slide};
}

Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable) {
  if (!executable.position_independent()) return 0;
  return TRY(procfs::read_entry_point(pid)) - executable.entry_point();
}

}  // namespace seep::target
