#include "target/program_files.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/diagnostics.h"
#include "elf/go_file.h"
#include "procfs/auxv.h"
#include "procfs/executable.h"
#include "procfs/maps.h"
#include "procfs/proc_file.h"
#include "target/debug_files.h"
#include "target/mapped_files.h"

namespace seep::target {
namespace {

bool has_runtime(const FileInProcess& file) {
  return elf::looks_like_go(file.file) && !elf::imports_go_runtime(file.file);
}

std::optional<elf::ElfFile> debug_of(const FileInProcess& file,
                                     const std::vector<std::string>& roots) {
  if (file.file.has_debug_info() || !elf::looks_like_go(file.file)) return std::nullopt;
  return find_debug_file(file.file, {file.path, roots});
}

// The only one with a runtime, or the one that a person named.
Result<std::size_t> choose_runtime(const std::vector<FileInProcess>& files,
                                   const ProgramFileOptions& options, const std::string& whose) {
  std::vector<std::size_t> all, named;
  std::string names;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (!has_runtime(files[i])) continue;
    all.push_back(i);
    names += (names.empty() ? "" : ", ") + files[i].path;
    bool is_named = !options.executable.empty() &&
                    open_same_build(options.executable, files[i].file).has_value();
    if (is_named) named.push_back(i);
  }
  if (!named.empty()) return named.front();
  if (all.size() == 1) return all.front();
  return fail(ErrorKind::kUnsupported, whose + " holds " + std::to_string(all.size()) +
                                           " Go runtimes; name the file of one by --exe: " + names);
}

Result<std::vector<FileInProcess>> open_go_libraries(pid_t pid, const std::string& executable) {
  Diagnostics ignored;  // whoever reads the memory counts
  std::vector<FileInProcess> libraries;
  for (const MappedCode& mapped : files_with_code(TRY(procfs::read_maps(pid, ignored)))) {
    if (mapped.path == executable || mapped.path == executable + " (deleted)") continue;
    Result<elf::ElfFile> file = open_mapped_file(pid, mapped);
    if (!file || !elf::looks_like_go(*file)) continue;
    std::optional<std::uint64_t> slide = slide_of(*file, mapped);
    if (slide) libraries.push_back({std::move(*file), mapped.path, *slide});
  }
  return libraries;
}

}  // namespace

Result<ProgramFiles> choose_program_files(FileInProcess executable,
                                          std::vector<FileInProcess> libraries,
                                          const ProgramFileOptions& options,
                                          const std::vector<std::string>& roots,
                                          const std::string& whose) {
  FileInProcess program = std::move(executable);
  if (!has_runtime(program) && std::ranges::any_of(libraries, has_runtime)) {
    std::size_t chosen = TRY(choose_runtime(libraries, options, whose));
    std::swap(program, libraries[chosen]);
  }
  // Of several runtimes the file of one was named, which need not know more than it says itself.
  bool only_chosen = std::ranges::any_of(libraries, has_runtime) && !options.executable.empty() &&
                     open_same_build(options.executable, program.file).has_value();
  std::optional<elf::ElfFile> debug;
  if (options.executable.empty()) {
    debug = debug_of(program, roots);
  } else if (Result<elf::ElfFile> named = open_named_file(options.executable, program.file)) {
    debug = std::move(*named);
  } else if (!only_chosen) {
    return std::unexpected(named.error());
  }
  ProgramFiles files{std::move(program.file), std::move(debug), program.slide};
  for (FileInProcess& library : libraries) {
    if (!elf::looks_like_go(library.file)) continue;
    std::optional<elf::ElfFile> its_debug = debug_of(library, roots);
    files.libraries.push_back({std::move(library.file), std::move(its_debug), library.slide});
  }
  return files;
}

Result<ProgramFiles> find_program_files(pid_t pid, const ProgramFileOptions& options) {
  std::string path = procfs::read_executable_path(pid);
  elf::ElfFile executable = TRY(elf::ElfFile::open(procfs::proc_path(pid, "exe"), path));
  std::uint64_t slide = TRY(find_slide(pid, executable));
  // Who loads no libraries has no other Go code: nothing else need be opened.
  std::vector<FileInProcess> libraries;
  if (executable.dynamic()) libraries = TRY(open_go_libraries(pid, path));
  return choose_program_files({std::move(executable), path, slide}, std::move(libraries), options,
                              {procfs::proc_path(pid, "root"), "/"},
                              "process " + std::to_string(pid));
}

Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable) {
  if (!executable.position_independent()) return 0;
  return TRY(procfs::read_entry_point(pid)) - executable.entry_point();
}

}  // namespace seep::target
