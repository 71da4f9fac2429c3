// runtime.firstmoduledata without symbols: by the table of functions that it points to.
//
// The linker writes a table of functions (pclntab) into every program, stripped or not, and it
// begins with a number of its own (runtime/symtab.go, pcHeader; debug/gosym/pclntab.go). The
// moduledata of the executable holds its address, and the limits of sections that must be in order
// and inside the segments of the file.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "base/result.h"
#include "elf/elf_file.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Every Go program has one, whatever was stripped off it.
bool has_function_table(const elf::ElfFile& file);

/// Address in the process. `memory` is read where the executable has data.
/// kUnsupported, with a sentence, if there is none, or if several look alike.
Result<Address> find_module_data(const elf::ElfFile& file, std::uint64_t slide,
                                 const target::MemoryReader& memory, const RuntimeLayout& layout);

}  // namespace seep::goruntime
