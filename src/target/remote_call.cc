// A system call in another process, such that neither side is harmed if seep is killed.
//
// When a tracer dies the kernel detaches its tracees and they run. So at every instant the thread's
// registers must be such that it may run, and the copy's such that it may not. The order is:
//
//   1. The scratch memory gets two signal frames (self_restoring_frame.h). Killed now: unused
//      memory holds junk, marked as seep's, which the next freeze may write over.
//   2. One PTRACE_SETREGS turns the thread's registers: it stands at a borrowed `syscall; ret` with
//      its stack pointer in the scratch memory. Killed from here on: the thread performs the call,
//      returns into rt_sigreturn and is what it was before, registers, vector registers and signal
//      mask. A copy that was forked is either not traced yet, or detached by the kernel: it returns
//      into its own frame and from there into exit_group. It stays a zombie without exit signal,
//      which the next freeze takes away (zombies.h).
//   3. All signals are blocked, so that no handler runs on the way and the copy hears none. After
//      step 2, for a mask left behind would be harm, and the frame holds the true one.
//   4. The call is stepped through by system call stops. Not by single steps: their SIGTRAP would
//      hit the target when seep dies, and so would the trap flag. The stops carry the 0x80 of
//      PTRACE_O_TRACESYSGOOD, which is not a signal that the kernel would deliver then.
//      PTRACE_O_TRACECLONE attaches the copy to us at birth, seized, with a stop pending: it does
//      not run. PTRACE_O_EXITKILL is never set on the target; the copy gets it once it has stopped,
//      on top of step 2, which makes it safe before.
//   5. From the exit of the call the thread is interrupted, which lands it in the kernel's signal
//      code, from where calls are restarted: registers that say "restart" must be put back here.
//      The mask goes back first, while the frame still guards, then the registers, by one call.
//
// What is left: in the few microseconds of step 2 to 5, if seep is killed in them: a call with a
// timeout that the freeze interrupted (nanosleep, a futex wait with one) ends with EINTR, as after
// any handled signal, for rt_sigreturn drops the kernel's note of the time left; a signal handler
// that gets between 2 and 3 sees a stack pointer in the scratch memory; with user shadow stacks
// (no Go program has them) `ret` would fault. In the normal course none of the three can happen.
#include "target/remote_call.h"

#include <linux/sched.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

#include "target/live_process.h"
#include "target/scratch_memory.h"
#include "target/seccomp_filters.h"
#include "target/self_restoring_frame.h"

namespace seep::target {
namespace {

// Forking copies page tables: 20 ms per GiB, more on a loaded machine; a terabyte in half a minute.
constexpr std::chrono::seconds kCallPatience{60};
constexpr int kMaxStops = 100;
constexpr std::uint64_t kUserCode64 = 0x33;

}  // namespace

Result<CallResult> RemoteCall::fork_copy() {
  TRY(thread_.tracee.set_options(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE));
  // The copy shares the table of open files: what the target closes meanwhile is closed.
  Result<CallResult> result = perform(SYS_clone, {CLONE_FILES}, /*copy_stack_in_second=*/true);
  // Something went wrong after the birth: nobody will ask for the copy.
  if (!result && copy_) kill(*copy_, SIGKILL);
  if (result) {
    result->new_process = copy_;
    TRY(thread_.tracee.set_options(PTRACE_O_TRACESYSGOOD));
  }
  return result;
}

Result<CallResult> RemoteCall::reap(pid_t child) {
  return perform(SYS_wait4, {static_cast<std::uint64_t>(child), 0, __WALL | WNOHANG, 0},
                 /*copy_stack_in_second=*/false);
}

Result<CallResult> RemoteCall::perform(long number, std::array<std::uint64_t, 5> arguments,
                                       bool copy_stack_in_second) {
  Saved saved = TRY(enter(number, arguments, copy_stack_in_second));
  Result<CallResult> result = step_through();
  TRY(leave(saved));
  return result;
}

// The calls that the thread makes, and those that it and the copy make if seep is killed.
Result<void> RemoteCall::check_allowed(long number,
                                       const std::array<std::uint64_t, 5>& arguments) const {
  std::uint64_t after = code_.call_and_return.value() + 2;
  std::array<PlannedCall, 3> calls;
  calls[0].number = number;
  std::copy(arguments.begin(), arguments.end(), calls[0].arguments.begin());
  calls[0].return_address = after;
  calls[1].number = SYS_rt_sigreturn;
  calls[2] = {SYS_exit_group, {kSelfEndedStatus}, after};
  return check_calls_allowed(process_, thread_.tracee.thread(), calls);
}

Result<RemoteCall::Saved> RemoteCall::enter(long number, std::array<std::uint64_t, 5> arguments,
                                            bool copy_stack_in_second) {
  TRY(check_allowed(number, arguments));
  Saved saved{TRY(thread_.tracee.registers()), TRY(thread_.tracee.signal_mask()), {}};
  if (saved.registers.cs != kUserCode64) {
    return fail(ErrorKind::kUnsupported, "a thread of the program runs 32-bit code");
  }
  std::vector<std::byte> vectors = TRY(thread_.tracee.vector_state());
  SelfRestoringFrame frame =
      TRY(make_self_restoring_frame(saved.registers, saved.signal_mask, vectors, code_, scratch_));
  saved.scratch.resize(frame.bytes.size());
  if (read_process_memory(process_, scratch_.begin, saved.scratch) != saved.scratch.size()) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(process_) + " ended meanwhile");
  }
  saved.scratch = without_leavings(std::move(saved.scratch));
  TRY(write_process_memory(process_, scratch_.begin, frame.bytes));
  step(FreezeStep::kScratchWritten);

  user_regs_struct call = saved.registers;
  call.rip = code_.call_and_return.value();
  call.rsp = frame.own_stack.value();
  call.rax = static_cast<unsigned long long>(number);
  call.orig_rax = ~0ULL;  // no call to restart
  call.rdi = arguments[0];
  call.rsi = copy_stack_in_second ? frame.copy_stack.value() : arguments[1];
  call.rdx = arguments[2];
  call.r10 = arguments[3];
  call.r8 = arguments[4];
  call.eflags = 0x202;
  TRY(thread_.tracee.set_registers(call));
  step(FreezeStep::kRegistersChanged);
  TRY(thread_.tracee.set_signal_mask(~std::uint64_t{0}));
  step(FreezeStep::kSignalsBlocked);
  return saved;
}

Result<StopKind> RemoteCall::next_stop() {
  Deadline deadline = std::chrono::steady_clock::now() + kCallPatience;
  Stop stop = TRY(thread_.tracee.wait(deadline, /*keep=*/false));
  if (stop.kind == StopKind::kEnded) {
    return fail(ErrorKind::kTargetGone, "process " + std::to_string(process_) + " ended meanwhile");
  }
  // Only SIGSTOP gets through a full mask; it is given back with the resumption.
  if (stop.kind == StopKind::kSignal && thread_.signal == 0) thread_.signal = stop.signal;
  return stop.kind;
}

Result<CallResult> RemoteCall::step_through() {
  CallResult result;
  int calls = 0;
  for (int stops = 0; calls < 2; ++stops) {
    if (stops == kMaxStops) return fail(ErrorKind::kUnsupported, "the system call does not end");
    TRY(thread_.tracee.resume_to_call());
    StopKind kind = TRY(next_stop());
    if (kind == StopKind::kClone) {
      copy_ = TRY(thread_.tracee.event_process());
      step(FreezeStep::kCallStopped);
    } else if (kind == StopKind::kCall) {
      step(++calls == 1 ? FreezeStep::kCallEntered : FreezeStep::kCallLeft);
    }
  }
  user_regs_struct registers = TRY(thread_.tracee.registers());
  result.value = static_cast<std::int64_t>(registers.rax);
  thread_.tracee.interrupt();
  TRY(thread_.tracee.resume());
  for (int stops = 0; TRY(next_stop()) != StopKind::kEvent; ++stops) {
    if (stops == kMaxStops) return fail(ErrorKind::kUnsupported, "the thread does not stop again");
    TRY(thread_.tracee.resume());
  }
  step(FreezeStep::kCallDone);
  return result;
}

Result<void> RemoteCall::leave(const Saved& saved) {
  TRY(thread_.tracee.set_signal_mask(saved.signal_mask));
  step(FreezeStep::kSignalsUnblocked);
  TRY(thread_.tracee.set_registers(saved.registers));
  step(FreezeStep::kRegistersRestored);
  TRY(clear_scratch_memory(process_, scratch_.begin, saved.scratch));
  step(FreezeStep::kScratchCleared);
  return {};
}

}  // namespace seep::target
