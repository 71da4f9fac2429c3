// Finalizers and cleanups that are in no list just now: one thread hangs the record on its object,
// or the sweeper has taken it off and not queued its function yet (addspecial in mheap.go, sweep in
// mgcsweep.go). The record lies outside the heap and no stack map tells of it, as its type is never
// collected; a few words of the thread are all that leads to the function and to whom it wakes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/layout/runtime_layout.h"
#include "snapshot/object_index.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// What is possibly in the hands of one thread. All outlive it.
class RecordsInHand {
 public:
  using Registers = std::optional<std::array<std::uint64_t, 16>>;

  RecordsInHand(const target::MemoryReader& memory, const RuntimeLayout& layout,
                const snapshot::ObjectIndex& index)
      : memory_(memory), layout_(layout), index_(index) {}

  /// The words, possibly pointers into the heap, of each record that a register or one of the
  /// innermost words of the stack leads to; those from `sp` on are in use. Good until the next
  /// call.
  std::span<const std::uint64_t> words_of(const StackMemory& stack, Address sp,
                                          const Registers& registers);

 private:
  void look_behind(std::uint64_t word);

  const target::MemoryReader& memory_;
  const RuntimeLayout& layout_;
  const snapshot::ObjectIndex& index_;
  std::vector<std::uint64_t> words_;
};

}  // namespace seep::goruntime
