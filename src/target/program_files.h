// The files that a program runs from: its executable, and the one that holds its symbols and debug
// information where the executable has lost them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::target {

/// What a person says about the files of a program.
struct ProgramFileOptions {
  /// The executable, or an unstripped build of it; empty: seep looks for itself. Only a file of the
  /// same build is taken.
  std::string executable;
};

struct ProgramFiles {
  elf::ElfFile executable;
  std::optional<elf::ElfFile> debug;  ///< none: look into the executable itself
  std::uint64_t slide = 0;            ///< process address minus linked address
};

/// Of a live process: /proc/PID/exe, which reaches an executable that lies in another mount
/// namespace or has been deleted. kNotFound if the process has ended.
Result<ProgramFiles> find_program_files(pid_t pid, const ProgramFileOptions& options = {});

/// Process address minus linked address of the executable of a live process.
Result<std::uint64_t> find_slide(pid_t pid, const elf::ElfFile& executable);

}  // namespace seep::target
