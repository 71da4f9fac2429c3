// The files whose code a process has mapped: Go's runtime may be in a library that a program of C
// or Python loaded, and plugins bring code, types and variables of their own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "elf/elf_file.h"
#include "procfs/maps.h"

namespace seep::target {

/// Code of a file in a process.
struct MappedCode {
  std::string path;  ///< as the process sees it
  AddressRange range;
  std::uint64_t offset = 0;  ///< in the file, bytes
  std::uint64_t inode = 0;
};

/// One row a file, by rising address.
std::vector<MappedCode> files_with_code(const std::vector<procfs::Mapping>& mappings);

/// Process address minus linked address; none if the file has no code at that offset.
std::optional<std::uint64_t> slide_of(const elf::ElfFile& file, const MappedCode& mapped);

/// Opens a file that a process has mapped, wherever it lies and, for root, even if it has been
/// deleted. kNotFound if it is not there any more, or another one is.
Result<elf::ElfFile> open_mapped_file(pid_t pid, const MappedCode& mapped);

}  // namespace seep::target
