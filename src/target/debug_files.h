// Where the symbols and the debug information of a stripped program are: beside it, where
// distributions and build systems put them, in the cache of debuginfod, or in a file that a person
// names. Servers are never asked.
//
// Sources: gdb's manual ("Debugging Information in Separate Files"), debuginfod-client of elfutils
// (the cache's folders).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::target {

struct DebugPlaces {
  std::string executable;          ///< its path as the program sees it; empty: not known
  std::vector<std::string> roots;  ///< where its "/" may be: "/proc/12/root", "/"
};

/// The first file of the same build that knows more than the executable, which has no debug
/// information. Nothing if there is none.
std::optional<elf::ElfFile> find_debug_file(const elf::ElfFile& executable,
                                            const DebugPlaces& places);

/// A file that a person named. kInvalidArgument, with a reason, if it is of another build.
Result<elf::ElfFile> open_same_build(const std::string& path, const elf::ElfFile& executable);

/// The same, and also refused if it has neither symbols nor debug information.
Result<elf::ElfFile> open_named_file(const std::string& path, const elf::ElfFile& executable);

}  // namespace seep::target
