// Makes a stopped thread perform one system call and puts it back as it was.
//
// What happens if seep is killed, instant by instant, is told at the head of remote_call.cc.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "base/address.h"
#include "base/result.h"
#include "target/borrowed_code.h"
#include "target/freeze.h"
#include "target/stopped_threads.h"

namespace seep::target {

struct CallResult {
  std::int64_t value = 0;  ///< as the kernel returned it; -errno for failures
  /// Of a fork: the copy, in our numbers. It is traced by us and stops before its first
  /// instruction.
  std::optional<pid_t> new_process{};
};

class RemoteCall {
 public:
  /// The thread must be stopped by an event, not before a signal. `on_step` may be empty.
  RemoteCall(pid_t process, StoppedThread& thread, const BorrowedCode& code, AddressRange scratch,
             const std::function<void(FreezeStep)>& on_step)
      : process_(process), thread_(thread), code_(code), scratch_(scratch), on_step_(on_step) {}

  /// Forks the process, sharing its table of open files, without an exit signal.
  Result<CallResult> fork_copy();
  /// Takes the exit status of an ended child, in the numbers of the target's own pid namespace,
  /// without waiting.
  Result<CallResult> reap(pid_t child);

 private:
  struct Saved {
    user_regs_struct registers;
    std::uint64_t signal_mask;
    std::vector<std::byte> scratch;
  };

  Result<CallResult> perform(long number, std::array<std::uint64_t, 5> arguments,
                             bool copy_stack_in_second);
  Result<void> check_allowed(long number, const std::array<std::uint64_t, 5>& arguments) const;
  Result<Saved> enter(long number, std::array<std::uint64_t, 5> arguments,
                      bool copy_stack_in_second);
  Result<CallResult> step_through();
  Result<void> leave(const Saved& saved);
  Result<StopKind> next_stop();
  void step(FreezeStep step) const {
    if (on_step_) on_step_(step);
  }

  pid_t process_;
  StoppedThread& thread_;
  BorrowedCode code_;
  AddressRange scratch_;
  const std::function<void(FreezeStep)>& on_step_;
  std::optional<pid_t> copy_;
};

}  // namespace seep::target
