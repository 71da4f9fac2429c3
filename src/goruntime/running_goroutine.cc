#include "goruntime/running_goroutine.h"

#include <algorithm>
#include <vector>

#include "goruntime/member_value.h"
#include "goruntime/thread_structs.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxSignalStack = 1 << 20;

struct Registers {
  Address pc, sp;
  std::array<std::uint64_t, 16> general{};
};

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
    Registers registers{Address(thread->rip), Address(thread->rsp), thread->general};
    AddressRange signal_stack = structs_.stack_of(structs_.word(m_, layout_.m.gsignal));
    if (signal_stack.contains(registers.sp)) {
      std::optional<Registers> interrupted = interrupted_by_signal(signal_stack, registers.sp);
      if (!interrupted) return std::nullopt;
      registers = *interrupted;
    }
    if (stack_.contains(registers.sp)) {
      return RunningState{{registers.pc, registers.sp, FrameState::kInterrupted},
                          registers.general};
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
    return RunningState{{pc, sp, FrameState::kCalling}, std::nullopt};
  }

  // systemstack, mcall, morestack and asmcgocall save the goroutine before they leave its stack.
  std::optional<RunningState> saved() const {
    Member sched = layout_.g.sched;
    Address sp = load_address(g_, {sched.offset + layout_.gobuf.sp.offset, 8});
    Address pc = load_address(g_, {sched.offset + layout_.gobuf.pc.offset, 8});
    if (!stack_.contains(sp) || pc.is_null()) return std::nullopt;
    return RunningState{{pc, sp, FrameState::kCalling}, std::nullopt};
  }

  // The kernel's ucontext names the signal stack it is on (uc_stack: address, flags, size); the
  // general registers follow it (struct sigcontext, linux/amd64).
  std::optional<Registers> interrupted_by_signal(AddressRange signal_stack, Address sp) {
    std::uint64_t bytes = signal_stack.end - sp;
    if (bytes > kMaxSignalStack) return std::nullopt;
    std::vector<std::uint64_t> words(static_cast<std::size_t>(bytes / 8));
    if (!memory_.read(sp, std::as_writable_bytes(std::span(words)))) return std::nullopt;
    constexpr std::size_t kRegisterWords = 17;  // r8 ... r15, di, si, bp, bx, dx, ax, cx, sp, ip
    for (std::size_t i = 0; i + 3 + kRegisterWords <= words.size(); ++i) {
      if (words[i] != signal_stack.begin.value() || words[i + 2] != signal_stack.size()) continue;
      std::span<const std::uint64_t> saved = std::span(words).subspan(i + 3, kRegisterWords);
      Registers registers;
      std::ranges::copy(saved.first(16), registers.general.begin());
      registers.sp = Address(saved[15]);
      registers.pc = Address(saved[16]);
      return registers;
    }
    return std::nullopt;
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
