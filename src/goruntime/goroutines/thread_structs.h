// The runtime's own records of a thread: m, its two stacks, and the registers that go with it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/address.h"
#include "goruntime/layout/runtime_layout.h"
#include "goruntime/paged_memory.h"
#include "target/thread_registers.h"

namespace seep::goruntime {

/// The memory and the layout outlive it. What is not readable counts as zero.
class ThreadStructs {
 public:
  ThreadStructs(PagedMemory& memory, const RuntimeLayout& layout)
      : memory_(memory), layout_(layout) {}

  std::uint64_t word(Address object, Member member) {
    if (object.is_null() || !member.exists()) return 0;
    return memory_.value<std::uint64_t>(object + member.offset).value_or(0);
  }

  /// The whole stack of a g; empty if there is none.
  AddressRange stack_of(std::uint64_t g) {
    if (g == 0) return {};
    Member stack = layout_.g.stack;
    AddressRange range{Address(word(Address(g), {stack.offset, 8})),
                       Address(word(Address(g), {stack.offset + 8, 8}))};
    return range.begin < range.end ? range : AddressRange{};
  }

  /// Null if the thread of that m was not among those that were stopped.
  const target::ThreadRegisters* thread_of(Address m,
                                           std::span<const target::ThreadRegisters> threads) {
    if (m.is_null()) return nullptr;
    std::uint64_t tid = word(m, layout_.m.procid);
    auto thread = std::ranges::find_if(threads, [&](const target::ThreadRegisters& candidate) {
      return static_cast<std::uint64_t>(candidate.tid) == tid;
    });
    return thread == threads.end() ? nullptr : &*thread;
  }

 private:
  PagedMemory& memory_;
  const RuntimeLayout& layout_;
};

}  // namespace seep::goruntime
