#include "target/self_restoring_frame.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include "base/byte_reader.h"
#include "target/scratch_memory.h"

namespace seep::target {
namespace {

// Offsets in the scratch memory, behind its mark. The vector registers must lie on a multiple
// of 64.
constexpr std::uint64_t kOwnFrame = 256;
constexpr std::uint64_t kCopyFrame = 640;
constexpr std::uint64_t kVectorState = 1024;

// The kernel's struct ucontext: glibc's up to the first word of the signal mask.
constexpr std::size_t kContextBytes = offsetof(ucontext_t, uc_sigmask) + 8;
static_assert(kContextBytes == 304);
static_assert(kScratchMark.size() <= kOwnFrame);
static_assert(kOwnFrame + 8 + kContextBytes <= kCopyFrame);
static_assert(kCopyFrame + 8 + kContextBytes <= kVectorState);

// Flags of uc_flags: arch/x86/include/uapi/asm/ucontext.h.
constexpr unsigned long kHasVectorState = 1;
constexpr unsigned long kHasStackSegment = 2;
constexpr unsigned long kStrictStackSegment = 4;
// Stack flags that make no sense: the kernel then leaves the alternate signal stack as it is.
constexpr int kKeepSignalStack = 0x1234;

// The XSAVE area (Intel SDM volume 1, 13.4) and the kernel's description of it in the bytes that
// the format leaves to software (struct _fpx_sw_bytes).
constexpr std::size_t kSoftwareBytes = 464;
constexpr std::size_t kPresentParts = 512;
constexpr std::size_t kLegacyBytes = 576;
constexpr std::uint32_t kMagic1 = 0x46505853;
constexpr std::uint32_t kMagic2 = 0x46505845;

struct SoftwareBytes {
  std::uint32_t magic1;
  std::uint32_t extended_size;
  std::uint64_t parts;
  std::uint32_t size;
  std::uint32_t padding[7];
};
static_assert(sizeof(SoftwareBytes) == 48);

// The kernel's own results for "to be started again" (include/linux/errno.h).
constexpr std::int64_t kRestartSystem = -512;
constexpr std::int64_t kRestartNoInterrupt = -513;
constexpr std::int64_t kRestartNoHandler = -514;
constexpr std::int64_t kRestartBlock = -516;

// Bytes that the parts which are present take; nothing if the processor does not say.
std::optional<std::size_t> vector_bytes(std::uint64_t parts, std::size_t available) {
  std::size_t end = kLegacyBytes;
  for (unsigned part = 2; part < 63; ++part) {
    if (((parts >> part) & 1) == 0) continue;
    unsigned size = 0;
    unsigned offset = 0;
    unsigned c = 0;
    unsigned d = 0;
    if (__get_cpuid_count(0xd, part, &size, &offset, &c, &d) == 0 || size == 0) return std::nullopt;
    end = std::max<std::size_t>(end, std::size_t{offset} + size);
  }
  return end <= available ? std::optional(end) : std::nullopt;
}

void fill_registers(const user_regs_struct& r, mcontext_t& context) {
  auto set = [&context](int index, unsigned long long value) {
    context.gregs[index] = static_cast<greg_t>(value);
  };
  set(REG_R8, r.r8);
  set(REG_R9, r.r9);
  set(REG_R10, r.r10);
  set(REG_R11, r.r11);
  set(REG_R12, r.r12);
  set(REG_R13, r.r13);
  set(REG_R14, r.r14);
  set(REG_R15, r.r15);
  set(REG_RDI, r.rdi);
  set(REG_RSI, r.rsi);
  set(REG_RBP, r.rbp);
  set(REG_RBX, r.rbx);
  set(REG_RDX, r.rdx);
  set(REG_RAX, r.rax);
  set(REG_RCX, r.rcx);
  set(REG_RSP, r.rsp);
  set(REG_RIP, r.rip);
  set(REG_EFL, r.eflags);
  set(REG_CSGSFS,
      (r.cs & 0xffff) | (r.gs & 0xffff) << 16 | (r.fs & 0xffff) << 32 | (r.ss & 0xffff) << 48);
}

void put_frame(const user_regs_struct& registers, std::uint64_t mask, Address vector_state,
               Address signal_return, std::byte* out) {
  ucontext_t context;
  std::memset(&context, 0, sizeof context);
  context.uc_flags = kHasStackSegment | kStrictStackSegment;
  context.uc_stack.ss_flags = kKeepSignalStack;
  fill_registers(registers, context.uc_mcontext);
  if (!vector_state.is_null()) {
    context.uc_flags |= kHasVectorState;
    context.uc_mcontext.fpregs = reinterpret_cast<fpregset_t>(vector_state.value());
  }
  std::uint64_t next = signal_return.value();
  std::memcpy(out, &next, sizeof next);
  std::memcpy(out + 8, &context, kContextBytes - 8);
  std::memcpy(out + kContextBytes, &mask, sizeof mask);
}

}  // namespace

user_regs_struct after_interrupted_call(user_regs_struct registers) {
  if (static_cast<std::int64_t>(registers.orig_rax) < 0) return registers;
  std::int64_t result = static_cast<std::int64_t>(registers.rax);
  if (result == kRestartSystem || result == kRestartNoInterrupt || result == kRestartNoHandler) {
    registers.rax = registers.orig_rax;
    registers.rip -= 2;
  } else if (result == kRestartBlock) {
    // rt_sigreturn forgets what was to be restarted: the call ends as if a signal had come.
    registers.rax = static_cast<unsigned long long>(-EINTR);
  }
  return registers;
}

Result<SelfRestoringFrame> make_self_restoring_frame(const user_regs_struct& registers,
                                                     std::uint64_t signal_mask,
                                                     std::span<const std::byte> vector_state,
                                                     const BorrowedCode& code,
                                                     AddressRange scratch) {
  if (vector_state.size() < kLegacyBytes) {
    return fail(ErrorKind::kUnsupported, "the kernel does not tell the vector registers");
  }
  std::uint64_t parts = load_unchecked<std::uint64_t>(vector_state.data() + kPresentParts);
  std::optional<std::size_t> size = vector_bytes(parts, vector_state.size());
  if (!size || kVectorState + *size + sizeof kMagic2 > scratch.size()) {
    return fail(ErrorKind::kUnsupported, "the vector registers are not understood");
  }

  SelfRestoringFrame frame;
  frame.bytes.resize(kVectorState + *size + sizeof kMagic2);
  frame.own_stack = scratch.begin + kOwnFrame;
  frame.copy_stack = scratch.begin + kCopyFrame;
  std::byte* bytes = frame.bytes.data();
  std::memcpy(bytes, kScratchMark.data(), kScratchMark.size());

  put_frame(after_interrupted_call(registers), signal_mask, scratch.begin + kVectorState,
            code.signal_return, bytes + kOwnFrame);

  user_regs_struct end{};
  end.rip = code.call_and_return.value();
  end.rsp = frame.copy_stack.value();
  end.rax = SYS_exit_group;
  end.rdi = kSelfEndedStatus;
  end.eflags = 0x202;
  end.cs = registers.cs;
  end.ss = registers.ss;
  put_frame(end, ~std::uint64_t{0}, Address(), code.signal_return, bytes + kCopyFrame);

  std::byte* vectors = bytes + kVectorState;
  std::memcpy(vectors, vector_state.data(), *size);
  SoftwareBytes software{};
  software.magic1 = kMagic1;
  software.size = static_cast<std::uint32_t>(*size);
  software.extended_size = software.size + static_cast<std::uint32_t>(sizeof kMagic2);
  software.parts = parts | 3;  // the x87 and SSE parts are always there
  std::memcpy(vectors + kSoftwareBytes, &software, sizeof software);
  std::memcpy(vectors + *size, &kMagic2, sizeof kMagic2);
  return frame;
}

}  // namespace seep::target
