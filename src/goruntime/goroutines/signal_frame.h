// What a thread did when a signal came, whose handler runs now.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/address.h"
#include "goruntime/paged_memory.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

struct InterruptedThread {
  Address pc, sp;
  /// All general registers, in the kernel's order (struct sigcontext, linux/amd64).
  std::array<std::uint64_t, 16> general{};
  std::optional<target::VectorRegisters> vector{};
};

/// From what the kernel left on the thread's signal stack, of which the words from `sp` on are in
/// use. Nothing if no such frame is there.
std::optional<InterruptedThread> interrupted_by_signal(PagedMemory& memory,
                                                       AddressRange signal_stack, Address sp);

}  // namespace seep::goruntime
