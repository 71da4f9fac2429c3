// Where a goroutine stands that was on a processor when the program was stopped: what it saved of
// itself is stale, the registers of its thread know.
//
// A thread stands on one of three stacks: the goroutine's own; that of its g0, where the runtime
// runs on the goroutine's behalf, after the goroutine saved its state; or the signal stack, on
// which the kernel left the registers of whatever was interrupted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

struct RunningState {
  WalkStart start;
  /// The goroutine's own registers, any of which may be a pointer; empty if it saved itself.
  std::optional<std::array<std::uint64_t, 16>> registers{};
  std::optional<target::VectorRegisters> vector{};
};

/// `g` is the goroutine's struct, `stack` all of its stack's memory. Nothing if no thread runs it
/// or none of the cases above holds.
std::optional<RunningState> find_running_state(PagedMemory& memory, const RuntimeLayout& layout,
                                               std::span<const std::byte> g, AddressRange stack,
                                               std::span<const target::ThreadRegisters> threads);

}  // namespace seep::goruntime
