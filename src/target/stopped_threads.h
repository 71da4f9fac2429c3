// All threads of a process, or one, held still.
//
// Threads are seized first, which costs them nothing, and then interrupted together, so that the
// stop is short. Threads that start or end meanwhile are looked for until a pass over
// /proc/PID/task finds nothing new: only a thread that was not stopped yet can start another. A
// thread that a signal reached first stops before its delivery; the signal is given back with the
// resumption (and by the kernel, if seep is killed: such stops are never acknowledged).
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "target/thread_registers.h"
#include "target/tracee.h"

namespace seep::target {

struct StoppedThread {
  Tracee tracee;
  int signal = 0;  ///< to be delivered when it goes on
  user_regs_struct registers{};

  /// Otherwise it ran code of its own.
  bool in_system_call() const { return static_cast<std::int64_t>(registers.orig_rax) >= 0; }
};

/// Resumes the threads when destroyed.
class StoppedThreads {
 public:
  /// Stops every thread. kPermissionDenied if the kernel refuses, kUnsupported if a thread does not
  /// stop within `patience`, kTargetGone if the process ends.
  static Result<StoppedThreads> stop_all(pid_t pid, std::chrono::milliseconds patience);
  /// Stops only this thread.
  static Result<StoppedThreads> stop_one(pid_t pid, pid_t thread,
                                         std::chrono::milliseconds patience);

  StoppedThreads(StoppedThreads&& other) noexcept;
  StoppedThreads& operator=(StoppedThreads&&) = delete;
  ~StoppedThreads();

  std::span<StoppedThread> threads() { return threads_; }
  std::vector<ThreadRegisters> registers() const;

  /// Lets all go on; returns for how long the process stood still.
  double resume();

 private:
  explicit StoppedThreads(pid_t pid) : pid_(pid) {}

  Result<void> seize_new(bool interrupt, std::size_t& added);
  Result<void> collect(Deadline deadline);

  pid_t pid_;
  std::vector<StoppedThread> threads_;  ///< seized, the first `collected_` of them stopped
  std::size_t collected_ = 0;
  Stopwatch since_stop_;
};

}  // namespace seep::target
