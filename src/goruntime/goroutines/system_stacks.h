// What the runtime has in hand while it works on its threads' own stacks: a timer that it has taken
// from its list and is about to run, the function of a goroutine that it is making, a goroutine
// that it is waking. The collector never looks there, as it never runs in such a moment; but a
// program that is stopped from outside may be stopped in one, and then these words are all that
// refers to what somebody waits for.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

struct SystemStack {
  AddressRange stack;  ///< all of it
  Address sp;          ///< its words in use begin here
  /// Where it stands, or stood when a signal came; none if the kernel's record of that is not
  /// found. Then all of the stack counts as in use.
  std::optional<Address> pc;
  std::array<std::uint64_t, 16> registers{};
  std::optional<target::VectorRegisters> vector{};
};

/// Those of threads that were stopped on one (runtime/runtime2.go, m.g0 and m.gsignal).
std::vector<SystemStack> system_stacks_in_use(PagedMemory& memory, const RuntimeLayout& layout,
                                              Address allm,
                                              std::span<const target::ThreadRegisters> threads);

/// Its thread has nothing in hand: it sleeps until there is work, or watches. One that has been
/// woken is at work while it is still in stopm: it sweeps what its processor has cached, and queues
/// the finalizers of that (acquirep, prepareForSweep). One that asks the network for work
/// (findrunnable in runtime/proc.go) comes by nothing but goroutines that wait for the network.
bool is_idle_thread(const Walk& walk);

}  // namespace seep::goruntime
