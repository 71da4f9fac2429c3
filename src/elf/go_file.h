// Signs by which an ELF file is told to be Go's, without reading what it says of itself.
#pragma once

#include <string_view>

#include "elf/elf_file.h"

namespace seep::elf {

/// Made by Go's linker: an executable, a plugin or a shared library. Files that lost their section
/// headers are told by their build information (Go 1.13+).
bool looks_like_go(const ElfFile& file);

/// Go code whose runtime is in another file: built with -linkshared.
bool imports_go_runtime(const ElfFile& file);

/// A shared library that other files take Go's runtime from: its names survive stripping.
bool exports_go_runtime(const ElfFile& file);

/// "gccgo" or "TinyGo" for a program of Go that has another runtime than that of the Go toolchain;
/// empty for all others.
std::string_view other_compiler(const ElfFile& file);

/// Packed by UPX: what runs is unpacked into memory when the program starts.
bool is_packed(const ElfFile& file);

}  // namespace seep::elf
