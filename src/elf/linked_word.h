// Words of a program's data as they are before the slide is added, read from the file.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "elf/elf_file.h"

namespace seep::elf {

/// The word at a linked address. Where the linker left the value of a pointer to the loader (GNU
/// ld, position-independent files), it is taken from the relocation of that place. kNotFound if the
/// file holds no such word.
Result<std::uint64_t> linked_word(const ElfFile& file, Address address);

/// A place that the loader fills with the address of something in the same file.
struct RelocatedPointer {
  Address place, value;  ///< both as linked
};

/// All of them, as GNU ld lists them in position-independent files; others have none.
std::vector<RelocatedPointer> relocated_pointers(const ElfFile& file);

}  // namespace seep::elf
