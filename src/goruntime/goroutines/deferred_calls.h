// Calls that a goroutine has deferred (runtime/panic.go): the list of records, and what frames keep
// beside it (open_defers.h).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/address.h"
#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"

namespace seep::goruntime {

/// A pointer that the list holds: a function to call, an argument, or a record in the heap.
struct DeferredWord {
  std::uint64_t value = 0;
  Address sp;                 ///< stack pointer of the frame that deferred it
  bool conservative = false;  ///< may be no pointer
};

/// How often the frame with this stack pointer is going to call the function with this entry (null:
/// unknown). Calls that run already are not counted.
using PendingCalls = std::map<std::pair<Address, Address>, std::uint64_t>;

/// One goroutine's; kept for their memory.
struct DeferredCallsOfGoroutine {
  /// The pointers of the list that no record in the heap holds: what those hold is found in the
  /// heap. Calls in frames are ordinary live words of their frame.
  std::vector<DeferredWord> words;
  PendingCalls pending;
};

/// Replaces what is in `calls`. `first` is the beginning of the list. False if that breaks off.
bool read_deferred_calls(PagedMemory& memory, const RuntimeLayout& layout, const StackMemory& stack,
                         std::span<const WalkedFrame> frames, Address first,
                         DeferredCallsOfGoroutine& calls);

}  // namespace seep::goruntime
