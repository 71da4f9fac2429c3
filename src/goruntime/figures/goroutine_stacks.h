// What goroutines and their stacks take, read from a program that runs on: how small the stacks
// could be, and how many structs are kept of goroutines that have ended (runtime/stack.go,
// proc.go).
#pragma once

#include <cstdint>

#include "base/diagnostics.h"
#include "base/result.h"
#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

struct GoroutineStacks {
  std::uint64_t dead = 0;  ///< ended; their structs stay in runtime.allgs for ever
  std::uint64_t alive = 0;
  std::uint64_t bytes = 0;  ///< stacks of those that live
  /// The same if the collector had halved each as often as it may: as long as less than a quarter
  /// is used (shrinkstack).
  std::uint64_t needed_bytes = 0;
};

Result<GoroutineStacks> read_goroutine_stacks(const target::MemoryReader& memory,
                                              const RuntimeLayout& layout,
                                              const RuntimeVariables& variables,
                                              Diagnostics& diagnostics);

}  // namespace seep::goruntime
