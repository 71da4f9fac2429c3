// Timers: those that the runtime is going to fire, and since Go 1.23 the timers of channels that
// nobody waits for just now, which only their channel leads to (runtime/time.go).
//
// The runtime's lists of timers lie in the Go heap, reachable from its P's. Here each listed timer
// is a root of its own instead, so that what a timer keeps is told as that timer's.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/code/function_table.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/types/type_reader.h"
#include "snapshot/object_index.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

struct TimerLists {
  std::vector<Address> timers;      ///< by rising address, each once
  std::vector<AddressRange> words;  ///< of the lists: no references, see ReferenceTable
};

/// What cannot be read is left out and counted.
TimerLists read_timer_lists(const target::MemoryReader& memory, const RuntimeLayout& layout,
                            const RuntimeVariables& variables, Diagnostics& diagnostics);

/// The type of what the lists hold, *runtime.timer; none without debug information.
snapshot::TypeId timer_pointer_type(const RuntimeLayout& layout, TypeReader& types,
                                    const snapshot::TypeTable& table);

/// Everything referred to outlives the call.
struct TimerInput {
  const target::MemoryReader& memory;
  const RuntimeLayout& layout;
  const snapshot::ObjectIndex& index;
  const snapshot::Heap& heap;  ///< with its references
  FunctionTable& functions;
  std::uint64_t monotonic_ns = 0;   ///< the target's clock at the freeze
  snapshot::TypeId pointer_type{};  ///< timer_pointer_type()
};

/// Fills out.timers and appends their roots. The goroutines of `out` must be there.
void read_timers(const TimerInput& input, const TimerLists& lists, snapshot::Snapshot& out);

}  // namespace seep::goruntime
