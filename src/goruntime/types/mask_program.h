// Up to Go 1.23 a long pointer mask was written as a program that makes it (runtime/mbitmap.go,
// runGCProg): literal bits, and repetitions of the bits before.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/address.h"
#include "goruntime/paged_memory.h"

namespace seep::goruntime {

/// Offsets in bytes of the pointers among the first `words` words. `program` is where the
/// descriptor points: a length of four bytes comes first. Nothing if it is not readable or no such
/// program.
std::optional<std::vector<std::uint32_t>> run_mask_program(PagedMemory& memory, Address program,
                                                           std::uint32_t words);

}  // namespace seep::goruntime
