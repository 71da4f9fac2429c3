// One thread under ptrace: the kernel's calls with their errors told apart, and nothing else.
//
// A thread that is killed ends its stop at any moment, so every call can find it gone
// (ErrorKind::kTargetGone).
#pragma once

#include <sys/types.h>
#include <sys/user.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/result.h"

namespace seep::target {

using Deadline = std::chrono::steady_clock::time_point;

enum class StopKind : std::uint8_t {
  kEnded,   ///< the thread is no more
  kEvent,   ///< stopped on our request (or by job control): nothing is lost when it goes on
  kSignal,  ///< about to receive a signal, which must be given back
  kCall,    ///< at the entry or the exit of a system call
  kClone,   ///< inside a clone call: the new process exists
};

struct Stop {
  StopKind kind = StopKind::kEnded;
  int signal = 0;  ///< kSignal: which
};

enum class SeizeResult : std::uint8_t { kSeized, kGone, kRefused };

class Tracee {
 public:
  Tracee() = default;
  explicit Tracee(pid_t process, pid_t thread) : process_(process), thread_(thread) {}

  pid_t thread() const { return thread_; }

  /// Becomes its tracer without stopping it. System call stops will be told apart from signals.
  SeizeResult seize() const;
  void interrupt() const;

  /// Waits for the next stop. kUnsupported if none comes until the deadline.
  /// `keep`: the stop stays unacknowledged, so that a signal which is about to be delivered is
  /// delivered by the kernel should seep die now.
  Result<Stop> wait(Deadline deadline, bool keep) const;

  Result<user_regs_struct> registers() const;
  Result<void> set_registers(const user_regs_struct& registers) const;
  /// The floating point and vector registers in the layout of the XSAVE instruction.
  Result<std::vector<std::byte>> vector_state() const;
  Result<std::uint64_t> signal_mask() const;
  Result<void> set_signal_mask(std::uint64_t mask) const;
  Result<void> set_options(unsigned long options) const;
  /// PTRACE_GETEVENTMSG: the new process, in our numbers.
  Result<pid_t> event_process() const;

  /// Goes on until the next stop, and until the next entry to or exit from a system call.
  Result<void> resume() const;
  Result<void> resume_to_call() const;
  /// Lets it go; `signal`, if not 0, is delivered.
  void detach(int signal) const;

 private:
  Result<void> request(int what, void* address, void* data, const char* name) const;

  pid_t process_ = 0;
  pid_t thread_ = 0;
};

}  // namespace seep::target
