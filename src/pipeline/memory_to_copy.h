// What a stopped process has to be copied of when it cannot be forked.
#pragma once

#include <sys/types.h>

#include <vector>

#include "base/result.h"
#include "goruntime/go_program.h"
#include "target/memory_reader.h"

namespace seep::pipeline {

/// Its private writable memory, but for the spans that hold no pointers: mostly the larger part of
/// the heap. Rising by address.
Result<std::vector<AddressRange>> memory_to_copy(pid_t pid, const target::MemoryReader& memory,
                                                 const goruntime::GoProgram& program);

}  // namespace seep::pipeline
