// The files that a program runs from: the one that holds Go's runtime, as a rule its executable;
// the one that holds its symbols and debug information where they were stripped off; and other
// files with Go code, such as plugins.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::target {

/// What a person says about the files of a program.
struct ProgramFileOptions {
  /// The executable, or an unstripped build of it; empty: seep looks for itself. Only a file of the
  /// same build is taken. Where a process holds the runtime more than once, this one is meant.
  std::string executable;
};

/// A file with Go code that is in the process too.
struct LibraryFile {
  elf::ElfFile file;
  std::optional<elf::ElfFile> debug;
  std::uint64_t slide = 0;
};

struct ProgramFiles {
  elf::ElfFile executable;            ///< has Go's runtime in it; a library in a program of C
  std::optional<elf::ElfFile> debug;  ///< none: look into the executable itself
  std::uint64_t slide = 0;            ///< process address minus linked address
  std::vector<LibraryFile> libraries{};
};

/// A file that a process runs or has loaded.
struct FileInProcess {
  elf::ElfFile file;
  std::string path;  ///< as the process sees it
  std::uint64_t slide = 0;
};

/// Puts the file with Go's runtime first and finds what debug information there is. `libraries` are
/// those with Go code; `roots` are where the process's "/" may be; `whose` begins a message:
/// "process 12". A program that is not Go's comes back as it is.
Result<ProgramFiles> choose_program_files(FileInProcess executable,
                                          std::vector<FileInProcess> libraries,
                                          const ProgramFileOptions& options,
                                          const std::vector<std::string>& roots,
                                          const std::string& whose);

/// Of a live process. /proc/PID/exe reaches an executable that lies in another mount namespace or
/// has been deleted. kNotFound if the process has ended; kInvalidArgument if `options` names a file
/// of another build. A program that is not Go's comes back as it is.
Result<ProgramFiles> find_program_files(pid_t pid, const ProgramFileOptions& options = {});

/// Process address minus linked address of the executable of a live process.
Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable);

}  // namespace seep::target
