#include "goruntime/goroutines/signal_frame.h"

#include <algorithm>
#include <span>
#include <vector>

namespace seep::goruntime {
namespace {

constexpr std::size_t kRegisterWords = 17;  // r8 ... r15, di, si, bp, bx, dx, ax, cx, sp, ip
// Behind them: flags, segments, error, trap, signal mask, fault address.
constexpr std::size_t kVectorPointer = kRegisterWords + 6;

std::optional<target::VectorRegisters> vector_at(PagedMemory& memory, Address xsave) {
  std::vector<std::byte> state(target::kUpperHalvesInXsave + target::kHalvesBytes);
  if (!memory.read(xsave, state)) return std::nullopt;
  return target::vector_registers(state);
}

}  // namespace

// The kernel's ucontext names the signal stack it is on (uc_stack: address, flags, size); the
// general registers follow it (struct sigcontext, linux/amd64).
std::optional<InterruptedThread> interrupted_by_signal(PagedMemory& memory,
                                                       AddressRange signal_stack, Address sp) {
  constexpr std::uint64_t kMaxSignalStack = 1 << 20;
  std::uint64_t bytes = signal_stack.end - sp;
  if (bytes > kMaxSignalStack) return std::nullopt;
  std::vector<std::uint64_t> words(static_cast<std::size_t>(bytes / 8));
  if (!memory.read(sp, std::as_writable_bytes(std::span(words)))) return std::nullopt;
  for (std::size_t i = 0; i + 3 + kVectorPointer < words.size(); ++i) {
    if (words[i] != signal_stack.begin.value() || words[i + 2] != signal_stack.size()) continue;
    std::span<const std::uint64_t> saved = std::span(words).subspan(i + 3, kRegisterWords);
    InterruptedThread thread;
    std::ranges::copy(saved.first(16), thread.general.begin());
    thread.sp = Address(saved[15]);
    thread.pc = Address(saved[16]);
    thread.vector = vector_at(memory, Address(words[i + 3 + kVectorPointer]));
    return thread;
  }
  return std::nullopt;
}

}  // namespace seep::goruntime
