// The executable that a core file was made by, among the files of this machine.
//
// A core names its executable by a path on the machine where the program ran. A file of that name
// may be missing here, or be another build; which build it was, the note in the executable's first
// page tells, and that page is in nearly every core.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/result.h"
#include "elf/build_identity.h"
#include "elf/elf_file.h"
#include "target/core_file.h"
#include "target/program_files.h"

namespace seep::target {

/// An ELF file as it stands in the memory of a core: what its first page tells.
struct MappedImage {
  std::uint64_t slide = 0;
  elf::BuildIds build;  ///< empty if it has none, or if the page with them is not in the core
};

/// Nothing if there is no ELF file at `start`.
std::optional<MappedImage> read_mapped_image(const MemoryReader& memory, Address start);

struct CoreExecutable {
  std::string path;  ///< as the process saw it; empty if the core does not tell
  std::optional<MappedImage> image;
};

CoreExecutable find_executable_in(const CoreFile& core);

/// Finds the executable (`options` may name it) and the libraries that are here in the same build,
/// and lets the core take from them what it left out. kNotFound if the executable is not here,
/// kInvalidArgument if the named one is of another build.
Result<ProgramFiles> find_program_files_of(CoreFile& core, const ProgramFileOptions& options);

}  // namespace seep::target
