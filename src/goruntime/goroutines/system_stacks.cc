#include "goruntime/goroutines/system_stacks.h"

#include <algorithm>
#include <string_view>

#include "goruntime/code/function_table.h"
#include "goruntime/goroutines/signal_frame.h"
#include "goruntime/goroutines/thread_structs.h"

namespace seep::goruntime {
namespace {

constexpr std::size_t kMaxThreads = 100'000;  // m's in the list

class Reader {
 public:
  Reader(PagedMemory& memory, const RuntimeLayout& layout,
         std::span<const target::ThreadRegisters> threads)
      : memory_(memory), layout_(layout), structs_(memory, layout), threads_(threads) {}

  std::vector<SystemStack> read(Address allm) {
    std::vector<SystemStack> stacks;
    Address m(allm.is_null() ? 0 : memory_.value<std::uint64_t>(allm).value_or(0));
    for (std::size_t i = 0; !m.is_null() && i < kMaxThreads; ++i) {
      if (std::optional<SystemStack> stack = of(m)) stacks.push_back(*stack);
      m = Address(structs_.word(m, layout_.m.alllink));
    }
    return stacks;
  }

 private:
  std::optional<SystemStack> of(Address m) {
    const target::ThreadRegisters* thread = structs_.thread_of(m, threads_);
    if (thread == nullptr) return std::nullopt;
    AddressRange stack = structs_.stack_of(structs_.word(m, layout_.m.g0));
    Address sp(thread->rsp);
    if (stack.contains(sp))
      return SystemStack{stack, sp, Address(thread->rip), thread->general, thread->vector};
    AddressRange signal_stack = structs_.stack_of(structs_.word(m, layout_.m.gsignal));
    if (!signal_stack.contains(sp)) return std::nullopt;
    std::optional<InterruptedThread> interrupted = interrupted_by_signal(memory_, signal_stack, sp);
    if (!interrupted) return SystemStack{stack, stack.begin, std::nullopt, thread->general, {}};
    if (!stack.contains(interrupted->sp)) return std::nullopt;
    return SystemStack{stack, interrupted->sp, interrupted->pc, interrupted->general,
                       interrupted->vector};
  }

  PagedMemory& memory_;
  const RuntimeLayout& layout_;
  ThreadStructs structs_;
  std::span<const target::ThreadRegisters> threads_;
};

}  // namespace

std::vector<SystemStack> system_stacks_in_use(PagedMemory& memory, const RuntimeLayout& layout,
                                              Address allm,
                                              std::span<const target::ThreadRegisters> threads) {
  return Reader(memory, layout, threads).read(allm);
}

bool is_idle_thread(const Walk& walk) {
  constexpr std::string_view kIdle[] = {"runtime.stopm", "runtime.stoplockedm", "runtime.sysmon",
                                        "runtime.templateThread"};
  constexpr std::string_view kSleeps[] = {"runtime.futex",      "runtime.futexsleep",
                                          "runtime.notesleep",  "runtime.notetsleep_internal",
                                          "runtime.notetsleep", "runtime.mPark",
                                          "runtime.usleep"};
  bool sleeps = true, polls = false;
  for (const WalkedFrame& frame : walk.frames) {
    std::string_view name = frame.plan->function->name;
    if (sleeps && std::ranges::find(kIdle, name) != std::end(kIdle)) return true;
    sleeps = sleeps && std::ranges::find(kSleeps, name) != std::end(kSleeps);
    polls = polls || name == "runtime.netpoll";
    if (polls && (name == "runtime.findRunnable" || name == "runtime.findrunnable")) return true;
  }
  return false;
}

}  // namespace seep::goruntime
