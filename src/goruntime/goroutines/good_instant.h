// Whether a stopped program stands at an instant that reads well: the collector is not marking, and
// no thread is in the middle of moving a stack.
#pragma once

#include <span>

#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

/// A few hundred small reads at most, for the target stands still meanwhile. What cannot be read
/// does not count against the instant.
bool is_good_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                     const RuntimeVariables& variables,
                     std::span<const target::ThreadRegisters> threads);

}  // namespace seep::goruntime
