#include "target/tracee.h"

#include <elf.h>
#include <sched.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <thread>

#include "procfs/process_status.h"

namespace seep::target {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// How long a wait spins before it sleeps, and sleeps before it looks whether the thread still
// lives.
constexpr microseconds kSpin{100};
constexpr microseconds kNap{30};
constexpr milliseconds kLookAfter{20};

constexpr int kCallStop = SIGTRAP | 0x80;  // with PTRACE_O_TRACESYSGOOD
constexpr std::size_t kMaxVectorState = 32768;

std::unexpected<Error> gone(pid_t process) {
  return fail(ErrorKind::kTargetGone, "process " + std::to_string(process) + " ended meanwhile");
}

Stop stop_from(const siginfo_t& info) {
  if (info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED) {
    return {StopKind::kEnded, 0};
  }
  int event = info.si_status >> 8;
  if (event == PTRACE_EVENT_CLONE) return {StopKind::kClone, 0};
  if (event != 0) return {StopKind::kEvent, 0};
  if (info.si_status == kCallStop) return {StopKind::kCall, 0};
  return {StopKind::kSignal, info.si_status};
}

}  // namespace

Result<void> Tracee::request(int what, void* address, void* data, const char* name) const {
  if (ptrace(static_cast<__ptrace_request>(what), thread_, address, data) >= 0) return {};
  if (errno == ESRCH) return gone(process_);
  return fail(ErrorKind::kUnsupported, std::string(name) + " on thread " + std::to_string(thread_) +
                                           ": " + std::strerror(errno));
}

SeizeResult Tracee::seize() const {
  void* options = reinterpret_cast<void*>(PTRACE_O_TRACESYSGOOD);
  if (ptrace(PTRACE_SEIZE, thread_, nullptr, options) == 0) return SeizeResult::kSeized;
  if (errno == ESRCH) return SeizeResult::kGone;
  Result<procfs::ProcessStat> stat = procfs::read_thread_stat(process_, thread_);
  if (!stat || stat->is_zombie()) return SeizeResult::kGone;
  // One that a SIGKILL woke from its stop is still ours, and runs to its end.
  Result<procfs::ProcessStatus> status = procfs::read_thread_status(process_, thread_);
  bool ours = status && status->tracer == gettid();
  return !status || ours ? SeizeResult::kGone : SeizeResult::kRefused;
}

void Tracee::interrupt() const { ptrace(PTRACE_INTERRUPT, thread_, nullptr, nullptr); }

Result<Stop> Tracee::wait(Deadline deadline, bool keep) const {
  int flags = WSTOPPED | WEXITED | __WALL | WNOHANG;
  Deadline start = std::chrono::steady_clock::now();
  Deadline look = start + kLookAfter;
  bool seen_ended = false;
  for (;;) {
    siginfo_t info{};
    int done = waitid(P_PID, static_cast<id_t>(thread_), &info, flags | WNOWAIT);
    if (done != 0 && errno != EINTR) return Stop{StopKind::kEnded, 0};
    if (done == 0 && info.si_pid != 0) {
      Stop stop = stop_from(info);
      if (!keep || stop.kind == StopKind::kEnded) {
        waitid(P_PID, static_cast<id_t>(thread_), &info, flags);
      }
      return stop;
    }
    if (seen_ended) return Stop{StopKind::kEnded, 0};
    Deadline now = std::chrono::steady_clock::now();
    if (now - start < kSpin) {
      sched_yield();
      continue;
    }
    if (now > look) {
      // The first thread of a process is not reported as ended before all others are waited for.
      Result<procfs::ProcessStat> stat = procfs::read_thread_stat(process_, thread_);
      if (!stat || stat->is_zombie()) {
        seen_ended = true;
        continue;
      }
      if (now > deadline) {
        return fail(ErrorKind::kUnsupported, "thread " + std::to_string(thread_) + " of process " +
                                                 std::to_string(process_) +
                                                 " does not stop (state " + stat->state +
                                                 "; D is a wait for a device or a file server)");
      }
      look = now + kLookAfter;
    }
    std::this_thread::sleep_for(kNap);
  }
}

Result<user_regs_struct> Tracee::registers() const {
  user_regs_struct registers{};
  TRY(request(PTRACE_GETREGS, nullptr, &registers, "reading registers"));
  return registers;
}

Result<void> Tracee::set_registers(const user_regs_struct& registers) const {
  user_regs_struct copy = registers;
  return request(PTRACE_SETREGS, nullptr, &copy, "setting registers");
}

Result<std::vector<std::byte>> Tracee::vector_state() const {
  std::vector<std::byte> state(kMaxVectorState);
  iovec piece{state.data(), state.size()};
  TRY(request(PTRACE_GETREGSET, reinterpret_cast<void*>(NT_X86_XSTATE), &piece,
              "reading vector registers"));
  state.resize(piece.iov_len);
  return state;
}

Result<std::uint64_t> Tracee::signal_mask() const {
  std::uint64_t mask = 0;
  TRY(request(PTRACE_GETSIGMASK, reinterpret_cast<void*>(sizeof mask), &mask,
              "reading the signal mask"));
  return mask;
}

Result<void> Tracee::set_signal_mask(std::uint64_t mask) const {
  return request(PTRACE_SETSIGMASK, reinterpret_cast<void*>(sizeof mask), &mask,
                 "setting the signal mask");
}

Result<void> Tracee::set_options(unsigned long options) const {
  return request(PTRACE_SETOPTIONS, nullptr, reinterpret_cast<void*>(options), "setting options");
}

Result<pid_t> Tracee::event_process() const {
  unsigned long message = 0;
  TRY(request(PTRACE_GETEVENTMSG, nullptr, &message, "reading an event"));
  return static_cast<pid_t>(message);
}

Result<void> Tracee::resume() const { return request(PTRACE_CONT, nullptr, nullptr, "resuming"); }

Result<void> Tracee::resume_to_call() const {
  return request(PTRACE_SYSCALL, nullptr, nullptr, "resuming");
}

void Tracee::detach(int signal) const {
  void* data = reinterpret_cast<void*>(static_cast<long>(signal));
  if (ptrace(PTRACE_DETACH, thread_, nullptr, data) == 0) return;
  // Killed meanwhile: a thread that nobody waits for would keep its process from ending.
  waitpid(thread_, nullptr, __WALL | WNOHANG);
}

}  // namespace seep::target
