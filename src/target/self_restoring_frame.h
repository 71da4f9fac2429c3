// What is laid into unused stack memory of the target so that a thread whose registers seep has
// changed finds its own way back, should seep be killed before it puts them back.
//
// The thread performs its borrowed system call with the stack pointer at such a frame. `ret` after
// the call leads to the code by which a signal handler returns (rt_sigreturn), and the frame is a
// signal frame that holds the thread's own registers, vector registers and signal mask: the kernel
// restores them all. A forked copy gets another stack pointer, at a second frame, which leads to
// exit_group: a copy that nobody holds any more ends at once, silently, without running a byte of
// the program. In the normal course nobody ever takes either way.
//
// amd64 only. Layout: arch/x86/include/uapi/asm/ucontext.h and sigcontext.h of Linux.
#pragma once

#include <sys/user.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/result.h"
#include "target/borrowed_code.h"

namespace seep::target {

/// Exit status of a copy that ended itself; with it a later run of seep knows its zombie.
inline constexpr int kSelfEndedStatus = 0x5e;

struct SelfRestoringFrame {
  std::vector<std::byte> bytes;  ///< to be written at the start of the scratch memory
  Address own_stack;             ///< stack pointer for the thread's call
  Address copy_stack;            ///< stack pointer for the copy
};

/// `registers` are the thread's as stopped; a system call that the stop interrupted is started
/// again as the kernel would. `vector_state` is what PTRACE_GETREGSET gives for NT_X86_XSTATE.
/// kUnsupported if it does not fit into `scratch` or is not understood.
Result<SelfRestoringFrame> make_self_restoring_frame(const user_regs_struct& registers,
                                                     std::uint64_t signal_mask,
                                                     std::span<const std::byte> vector_state,
                                                     const BorrowedCode& code,
                                                     AddressRange scratch);

/// The registers with which the thread would run on without a tracer.
user_regs_struct after_interrupted_call(user_regs_struct registers);

}  // namespace seep::target
