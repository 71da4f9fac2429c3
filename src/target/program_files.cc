#include "target/program_files.h"

#include <string>
#include <utility>

#include "elf/build_info.h"
#include "procfs/auxv.h"
#include "procfs/proc_file.h"

namespace seep::target {

namespace {

Result<elf::ElfFile> open_twin(const std::string& path, const elf::ElfFile& executable) {
  elf::ElfFile twin = TRY(elf::ElfFile::open(path));
  std::string id = elf::read_build_id(executable);
  if (id.empty() || elf::read_build_id(twin) != id) {
    return fail(ErrorKind::kInvalidArgument,
                path + " is not the same build as the running program; name a file of one build");
  }
  return twin;
}

}  // namespace

Result<ProgramFiles> find_program_files(pid_t pid, const ProgramFileOptions& options) {
  elf::ElfFile executable = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe")));
  std::uint64_t slide = TRY(find_slide(pid, executable));
  std::optional<elf::ElfFile> debug;
  if (!options.executable.empty()) debug = TRY(open_twin(options.executable, executable));
  return ProgramFiles{std::move(executable), std::move(debug), slide};
}

Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable) {
  if (!executable.position_independent()) return 0;
  return TRY(procfs::read_entry_point(pid)) - executable.entry_point();
}

}  // namespace seep::target
