#include "target/frozen_copy.h"

#include <fcntl.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include <csignal>
#include <string>
#include <utility>

#include "procfs/proc_file.h"
#include "target/live_process.h"
#include "target/tracee.h"
#include "target/zombies.h"

namespace seep::target {
namespace {

constexpr std::chrono::seconds kStopPatience{5};
// Ending a copy means taking its page tables apart.
constexpr std::chrono::seconds kEndPatience{60};

// Best effort: where it is not allowed, the copy scores like the target, which is twice as large.
void put_first_in_shortage(pid_t copy) {
  int file = open(procfs::proc_path(copy, "oom_score_adj").c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  [[maybe_unused]] ssize_t done = write(file, "1000", 4);
  close(file);
}

}  // namespace

Result<std::unique_ptr<FrozenCopy>> FrozenCopy::guard(pid_t target, pid_t copy,
                                                      std::function<void(FreezeStep)> on_step) {
  std::unique_ptr<FrozenCopy> frozen(new FrozenCopy(target, copy, std::move(on_step)));
  Tracee tracee(copy, copy);
  Stop stop = TRY(tracee.wait(std::chrono::steady_clock::now() + kStopPatience, /*keep=*/false));
  if (stop.kind == StopKind::kEnded) {
    return fail(ErrorKind::kUnsupported, "the frozen copy was killed at once (out of memory?)");
  }
  TRY(tracee.set_options(PTRACE_O_EXITKILL));
  put_first_in_shortage(copy);
  frozen->step(FreezeStep::kCopyGuarded);
  return frozen;
}

FrozenCopy::~FrozenCopy() { release(); }

std::size_t FrozenCopy::read_some(Address address, std::span<std::byte> out) const {
  return read_process_memory(copy_, address, out);
}

void FrozenCopy::end_copy() {
  kill(copy_, SIGKILL);
  Tracee tracee(copy_, copy_);
  Deadline deadline = std::chrono::steady_clock::now() + kEndPatience;
  // A stop that nobody has acknowledged yet may come before the end.
  for (;;) {
    Result<Stop> stop = tracee.wait(deadline, /*keep=*/false);
    if (!stop || stop->kind == StopKind::kEnded) break;
  }
}

double FrozenCopy::release() {
  if (copy_ == 0) return 0;
  end_copy();
  copy_ = 0;
  step(FreezeStep::kCopyKilled);
  double stopped_ms = reap_copy_zombies(target_, find_copy_zombies(target_), on_step_);
  step(FreezeStep::kReaped);
  return stopped_ms;
}

}  // namespace seep::target
