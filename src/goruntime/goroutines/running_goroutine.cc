#include "goruntime/goroutines/running_goroutine.h"

#include "goruntime/goroutines/signal_frame.h"
#include "goruntime/goroutines/thread_structs.h"
#include "goruntime/member_value.h"

namespace seep::goruntime {
namespace {

class RunningStateReader {
 public:
  RunningStateReader(PagedMemory& memory, const RuntimeLayout& layout, std::span<const std::byte> g,
                     AddressRange stack)
      : memory_(memory),
        layout_(layout),
        structs_(memory, layout),
        g_(g),
        stack_(stack),
        m_(load_address(g, layout.g.m)) {}

  std::optional<RunningState> read(std::span<const target::ThreadRegisters> threads) {
    const target::ThreadRegisters* thread = structs_.thread_of(m_, threads);
    if (thread == nullptr) return std::nullopt;
    if (std::optional<RunningState> state = in_vdso()) return state;
    InterruptedThread registers{Address(thread->rip), Address(thread->rsp), thread->general,
                                thread->vector};
    AddressRange signal_stack = structs_.stack_of(structs_.word(m_, layout_.m.gsignal));
    if (signal_stack.contains(registers.sp)) {
      std::optional<InterruptedThread> interrupted =
          interrupted_by_signal(memory_, signal_stack, registers.sp);
      if (!interrupted) return std::nullopt;
      registers = *interrupted;
    }
    if (stack_.contains(registers.sp)) {
      return RunningState{{registers.pc, registers.sp, FrameState::kInterrupted},
                          registers.general,
                          registers.vector};
    }
    return saved();
  }

 private:
  // Inside the kernel's vDSO there are no tables; the runtime notes where it came from
  // (runtime/vdso_linux.go; tracebacks prefer it, too).
  std::optional<RunningState> in_vdso() {
    Address sp(structs_.word(m_, layout_.m.vdsoSP));
    Address pc(structs_.word(m_, layout_.m.vdsoPC));
    if (sp.is_null() || !stack_.contains(sp)) return std::nullopt;
    // Go 1.12 and 1.13 (runtime/sys_linux_amd64.s) note where the return address still stands.
    if (memory_.value<std::uint64_t>(sp) == pc.value()) sp = sp + 8;
    return RunningState{{pc, sp, FrameState::kCalling}};
  }

  // systemstack, mcall, morestack and asmcgocall save the goroutine before they leave its stack.
  std::optional<RunningState> saved() const {
    Member sched = layout_.g.sched;
    Address sp = load_address(g_, {sched.offset + layout_.gobuf.sp.offset, 8});
    Address pc = load_address(g_, {sched.offset + layout_.gobuf.pc.offset, 8});
    if (!stack_.contains(sp) || pc.is_null()) return std::nullopt;
    return RunningState{{pc, sp, FrameState::kCalling}};
  }

  PagedMemory& memory_;
  const RuntimeLayout& layout_;
  ThreadStructs structs_;
  std::span<const std::byte> g_;
  AddressRange stack_;
  Address m_;
};

}  // namespace

std::optional<RunningState> find_running_state(PagedMemory& memory, const RuntimeLayout& layout,
                                               std::span<const std::byte> g, AddressRange stack,
                                               std::span<const target::ThreadRegisters> threads) {
  return RunningStateReader(memory, layout, g, stack).read(threads);
}

}  // namespace seep::goruntime
