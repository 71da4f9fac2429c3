// Where executables and libraries lie in a process, their zeroed data included: that is anonymous
// memory, and the kernel joins it with whatever lies behind it.
#pragma once

#include <vector>

#include "base/address.h"
#include "procfs/smaps.h"
#include "target/memory_reader.h"

namespace seep::pipeline {

/// The memory of each file that is mapped to be executed, as its program headers tell it in the
/// memory of the process (elf(5)); rising and disjoint. Files whose headers make no sense are left
/// out.
std::vector<AddressRange> loaded_images(const std::vector<procfs::ResidentMapping>& mappings,
                                        const target::MemoryReader& memory);

}  // namespace seep::pipeline
