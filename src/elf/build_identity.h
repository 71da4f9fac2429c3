// Whether two executables are of one build: what a stripped program and the file that still has its
// symbols must be, or every name would be that of something else.
//
// Ids alone do not tell. Some build systems give all programs the same id ("redacted"), and linking
// again with -s -w changes Go's id but often nothing else. So the places of all sections are
// compared always, and where the ids are not the same, the code: it holds the address of every
// variable that it uses.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::elf {

struct BuildIds {
  std::string gnu;  ///< hexadecimal; empty if there is none
  std::string
      go;  ///< as `go tool buildid` prints it; empty if there is none that tells builds apart
};

BuildIds read_build_ids(const ElfFile& file);

/// Where strip or objcopy say that the debug information has gone (.gnu_debuglink).
struct DebugLink {
  std::string name;  ///< without folders
  std::uint32_t checksum = 0;
};

std::optional<DebugLink> read_debug_link(const ElfFile& file);

/// The checksum of debug links: CRC-32 as in zip files.
std::uint32_t checksum_of(std::span<const std::byte> bytes);

/// kInvalidArgument, with what differs, unless `other` describes the same code and variables at the
/// same addresses as `program`. `vouched`: something else has proved already that they belong
/// together (a checksum), so that ids and code are not asked for.
Result<void> check_same_build(const ElfFile& program, const ElfFile& other, bool vouched = false);

}  // namespace seep::elf
