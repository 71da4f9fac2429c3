// All goroutines of a program: state, what each waits for, its stack as runtime.Stack prints it,
// and as a GC root everything that its frames, deferred calls and registers hold
// (runtime/runtime2.go, proc.go, mgcmark.go).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "goruntime/code/frame_variables.h"
#include "goruntime/code/function_table.h"
#include "goruntime/goroutines/stack_roots.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/object_index.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

struct GoroutineInput {
  const target::MemoryReader& memory;
  const RuntimeLayout& layout;
  const RuntimeVariables& variables;
  FunctionTable& functions;
  const snapshot::ObjectIndex& index;
  /// Of all threads, as they were stopped. Goroutines that none of them is known for count as not
  /// unwound, and all words of their stacks as possible pointers.
  std::span<const target::ThreadRegisters> threads{};
  std::uint64_t monotonic_ns = 0;                  ///< CLOCK_MONOTONIC at the freeze
  FrameVariableLookup* frame_variables = nullptr;  ///< may be null
};

struct GoroutineTable {
  /// Words in the heap that are no references, because goroutines stand for them (heap.h): sudogs'
  /// elem and c, and the list of all goroutines where it names one that has a root. Ascending.
  std::vector<AddressRange> words_to_skip;
  StackRootCounts counts;
  std::uint64_t not_unwound = 0;
};

/// Appends to `out`: goroutines, a root for each of them, stacks, strings, and what was skipped to
/// its diagnostics. Pointers are checked against `out.heap.allocated` if that is filled already.
Result<GoroutineTable> read_goroutines(const GoroutineInput& input, snapshot::Snapshot& out);

}  // namespace seep::goruntime
