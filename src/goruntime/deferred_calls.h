// The list of calls that a goroutine has deferred (runtime/panic.go). Calls in frames with few
// defer statements are not in it: those are ordinary live words of their frame.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "goruntime/paged_memory.h"
#include "goruntime/runtime_layout.h"
#include "goruntime/stack_walker.h"

namespace seep::goruntime {

/// A pointer that the list holds: a function to call, an argument, or a record in the heap.
struct DeferredWord {
  std::uint64_t value = 0;
  Address sp;                 ///< stack pointer of the frame that deferred it
  bool conservative = false;  ///< may be no pointer
};

/// Appends the pointers that no record in the heap holds: what those hold is found in the heap.
/// False if the list breaks off.
bool read_deferred_calls(PagedMemory& memory, const RuntimeLayout& layout, const StackMemory& stack,
                         Address first, std::vector<DeferredWord>& words);

}  // namespace seep::goruntime
