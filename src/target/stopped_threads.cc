#include "target/stopped_threads.h"

#include <algorithm>
#include <string>
#include <utility>

#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/live_process.h"

namespace seep::target {
namespace {

// More passes than any program needs that does not start threads without end.
// On a machine that is busy a thread may not come to run for long.
constexpr std::chrono::seconds kLastChance{3};
constexpr int kMaxPasses = 1000;

std::unexpected<Error> gone(pid_t pid) {
  return fail(ErrorKind::kTargetGone, "process " + std::to_string(pid) + " ended meanwhile");
}

Error refusal(pid_t pid) {
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (status && status->tracer != 0) return tracer_error(pid, status->tracer);
  return access_error(pid);
}

}  // namespace

StoppedThreads::StoppedThreads(StoppedThreads&& other) noexcept
    : pid_(other.pid_),
      threads_(std::exchange(other.threads_, {})),
      collected_(std::exchange(other.collected_, 0)),
      since_stop_(other.since_stop_) {}

StoppedThreads::~StoppedThreads() { resume(); }

Result<void> StoppedThreads::seize_new(bool interrupt, std::size_t& added) {
  added = 0;
  Result<std::vector<pid_t>> listed = procfs::list_threads(pid_);
  if (!listed) return gone(pid_);
  std::vector<pid_t> known;
  for (const StoppedThread& thread : threads_) known.push_back(thread.tracee.thread());
  std::sort(known.begin(), known.end());
  for (pid_t thread : *listed) {
    if (std::binary_search(known.begin(), known.end(), thread)) continue;
    Tracee tracee(pid_, thread);
    SeizeResult result = tracee.seize();
    if (result == SeizeResult::kRefused) return std::unexpected(refusal(pid_));
    if (result == SeizeResult::kGone) continue;
    if (interrupt) tracee.interrupt();
    threads_.push_back({tracee, 0, {}});
    ++added;
  }
  return {};
}

Result<void> StoppedThreads::collect(Deadline deadline) {
  while (collected_ < threads_.size()) {
    StoppedThread& thread = threads_[collected_];
    Stop stop = TRY(thread.tracee.wait(deadline, /*keep=*/true));
    Result<user_regs_struct> registers = fail(ErrorKind::kTargetGone, {});
    if (stop.kind != StopKind::kEnded) registers = thread.tracee.registers();
    if (!registers) {
      thread = threads_.back();
      threads_.pop_back();
      continue;
    }
    thread.signal = stop.kind == StopKind::kSignal ? stop.signal : 0;
    thread.registers = *registers;
    ++collected_;
  }
  return {};
}

Result<StoppedThreads> StoppedThreads::stop_all(pid_t pid, std::chrono::milliseconds patience) {
  StoppedThreads all(pid);
  Deadline deadline = std::chrono::steady_clock::now() + patience;
  std::size_t added = 0;
  TRY(all.seize_new(/*interrupt=*/false, added));
  all.since_stop_ = Stopwatch();
  for (const StoppedThread& thread : all.threads_) thread.tracee.interrupt();
  TRY(all.collect(deadline));
  // A listing can miss threads while others end, so an empty pass counts only if the kernel's own
  // number of threads agrees, or twice.
  int empty_passes = 0;
  for (int pass = 0; pass < kMaxPasses && empty_passes < 2; ++pass) {
    TRY(all.seize_new(/*interrupt=*/true, added));
    TRY(all.collect(deadline));
    if (added > 0) {
      empty_passes = 0;
      continue;
    }
    Result<procfs::ProcessStat> stat = procfs::read_stat(pid);
    if (!stat) return gone(pid);
    bool complete = stat->threads == static_cast<std::int64_t>(all.threads_.size());
    empty_passes += complete ? 2 : 1;
  }
  if (all.threads_.empty()) return gone(pid);
  if (empty_passes < 2) {
    return fail(ErrorKind::kUnsupported, "process " + std::to_string(pid) +
                                             " starts threads faster than they can be stopped");
  }
  return all;
}

Result<StoppedThreads> StoppedThreads::stop_one(pid_t pid, pid_t thread,
                                                std::chrono::milliseconds patience) {
  StoppedThreads one(pid);
  Tracee tracee(pid, thread);
  SeizeResult result = tracee.seize();
  if (result == SeizeResult::kRefused) return std::unexpected(refusal(pid));
  if (result == SeizeResult::kGone) return gone(pid);
  one.threads_.push_back({tracee, 0, {}});
  one.since_stop_ = Stopwatch();
  tracee.interrupt();
  TRY(one.collect(std::chrono::steady_clock::now() + patience));
  if (one.threads_.empty()) return gone(pid);
  return one;
}

std::vector<ThreadRegisters> StoppedThreads::registers() const {
  std::vector<ThreadRegisters> registers;
  registers.reserve(threads_.size());
  for (const StoppedThread& thread : threads_) {
    registers.push_back(thread_registers(thread.tracee.thread(), thread.registers));
    if (thread.in_system_call()) continue;
    if (Result<std::vector<std::byte>> state = thread.tracee.vector_state())
      registers.back().vector = vector_registers(*state);
  }
  return registers;
}

double StoppedThreads::resume() {
  if (threads_.empty()) return 0;
  // Threads that were seized but have not stopped (an error ended the waiting) get a last chance,
  // for only a stopped one can be let go; one that hangs in the kernel is let go when seep ends.
  Deadline deadline = std::chrono::steady_clock::now() + kLastChance;
  for (std::size_t i = collected_; i < threads_.size(); ++i) {
    Result<Stop> stop = threads_[i].tracee.wait(deadline, /*keep=*/true);
    if (stop && stop->kind == StopKind::kSignal) threads_[i].signal = stop->signal;
  }
  for (const StoppedThread& thread : threads_) thread.tracee.detach(thread.signal);
  threads_.clear();
  collected_ = 0;
  return since_stop_.elapsed().count();
}

}  // namespace seep::target
