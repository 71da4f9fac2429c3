// What Go's linker writes into every program about itself: release, module, build id. This is how
// seep tells a Go program from any other.
//
// Source: debug/buildinfo/buildinfo.go, cmd/link/internal/ld/elf.go (notes).
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::elf {

struct BuildInfo {
  std::string go_version;    ///< "go1.27.4", "go1.26.11 X:nogreenteagc"
  std::string main_package;  ///< import path of package main; empty if not recorded
  std::string main_module;   ///< path of the main module; empty if built without modules
  std::map<std::string, std::string> settings;  ///< "-ldflags", "GOAMD64", "DefaultGODEBUG"
};

/// kUnsupported if the file is not a Go program.
Result<BuildInfo> read_build_info(const ElfFile& file);

/// Hexadecimal of the GNU build id; without one, of Go's own (whose text is then given as it is).
/// Empty if there is neither.
std::string read_build_id(const ElfFile& file);

/// The same from the bytes of a note section or segment, wherever they were found.
std::string build_id_in_notes(std::span<const std::byte> notes);
std::string gnu_build_id_in_notes(std::span<const std::byte> notes);
std::string go_build_id_in_notes(std::span<const std::byte> notes);

}  // namespace seep::elf
