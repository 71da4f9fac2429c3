#include "target/freeze.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "procfs/cgroup.h"
#include "procfs/process_status.h"
#include "target/borrowed_code.h"
#include "target/frozen_copy.h"
#include "target/live_process.h"
#include "target/memory_room.h"
#include "target/remote_call.h"
#include "target/saved_copy.h"
#include "target/scratch_memory.h"
#include "target/stopped_threads.h"
#include "target/zombies.h"

namespace seep::target {
namespace {

using snapshot::FreezeMode;
using std::chrono::milliseconds;

// A thread that does not stop within this hangs in the kernel.
constexpr milliseconds kStopPatience{2000};
// Between attempts: a mark phase lasts milliseconds to seconds.
constexpr milliseconds kFirstPause{1};
constexpr milliseconds kLongestPause{50};

class Freezing {
 public:
  Freezing(pid_t pid, LiveProcess live, const FreezeOptions& options)
      : pid_(pid), live_(std::move(live)), options_(options) {}

  Result<Freeze> run();

 private:
  std::optional<std::string> obstacle_to_forking();
  Result<StoppedThreads> stop_at_good_instant();
  bool in_call_of_killed_seep() const;
  void resume(StoppedThreads& stopped);
  Result<pid_t> fork_copy(StoppedThreads& stopped);
  Result<Freeze> by_fork();
  Result<Freeze> by_stop();
  Result<void> save(SavedCopy& saved);
  Freeze finish(std::unique_ptr<Freeze::Image> image, FreezeMode mode);
  void step(FreezeStep step) const {
    if (options_.on_step) options_.on_step(step);
  }

  pid_t pid_;
  LiveProcess live_;
  const FreezeOptions& options_;
  BorrowedCode code_;
  AddressRange scratch_;
  snapshot::FreezeReport report_;
  std::vector<ThreadRegisters> registers_;
  bool good_instant_ = true;
};

std::optional<std::string> Freezing::obstacle_to_forking() {
  Result<procfs::ProcessStatus> status = procfs::read_status(pid_);
  Result<procfs::MemoryLimits> limits = procfs::read_memory_limits(pid_);
  if (status && limits) {
    if (std::optional<std::string> lack = lack_of_room(status->resident_anonymous, *limits)) {
      return lack;
    }
  }
  Diagnostics diagnostics;
  Result<std::vector<procfs::Mapping>> mappings = procfs::read_maps(pid_, diagnostics);
  if (!mappings) return mappings.error().message;
  Result<BorrowedCode> code = find_borrowed_code(live_, *mappings);
  if (!code) return code.error().message;
  code_ = *code;
  return std::nullopt;
}

// Where the machine is busy, a call that a killed seep has begun may not be over yet: the thread's
// registers are not the program's own, and it needs the scratch memory (remote_call.cc).
bool Freezing::in_call_of_killed_seep() const {
  return std::ranges::any_of(registers_, [this](const ThreadRegisters& thread) {
    return scratch_.contains(Address(thread.rsp));
  });
}

Result<StoppedThreads> Freezing::stop_at_good_instant() {
  Diagnostics diagnostics;
  scratch_ = scratch_range(TRY(procfs::read_maps(pid_, diagnostics)));
  Deadline deadline = std::chrono::steady_clock::now() + options_.patience;
  milliseconds pause = kFirstPause;
  for (;;) {
    StoppedThreads stopped = TRY(StoppedThreads::stop_all(pid_, kStopPatience));
    ++report_.attempts;
    registers_ = stopped.registers();
    report_.threads = static_cast<std::uint32_t>(registers_.size());
    step(FreezeStep::kStopped);
    bool own = !in_call_of_killed_seep();
    good_instant_ =
        own && (!options_.is_good_instant || options_.is_good_instant(live_, registers_));
    if (good_instant_ || (own && report_.attempts >= options_.max_attempts) ||
        std::chrono::steady_clock::now() >= deadline) {
      return stopped;
    }
    resume(stopped);
    std::this_thread::sleep_for(pause);
    pause = std::min(2 * pause, kLongestPause);
  }
}

void Freezing::resume(StoppedThreads& stopped) {
  report_.stopped_ms = stopped.resume();
  report_.total_stopped_ms += report_.stopped_ms;
  step(FreezeStep::kResumed);
}

// The thread that forks: one that waits in a system call if there is one, for it is at no delicate
// place (in the middle of a restartable sequence, rseq(2), say).
StoppedThread* choose_thread(std::span<StoppedThread> threads) {
  StoppedThread* chosen = nullptr;
  for (StoppedThread& thread : threads) {
    if (thread.signal != 0) continue;
    if (thread.in_system_call()) return &thread;
    if (chosen == nullptr) chosen = &thread;
  }
  return chosen;
}

Result<pid_t> Freezing::fork_copy(StoppedThreads& stopped) {
  Diagnostics diagnostics;
  std::vector<procfs::Mapping> mappings = TRY(procfs::read_maps(pid_, diagnostics));
  std::optional<Address> first_stack_pointer;
  std::vector<Address> stack_pointers;
  for (const StoppedThread& thread : stopped.threads()) {
    stack_pointers.push_back(Address(thread.registers.rsp));
    if (thread.tracee.thread() == pid_) first_stack_pointer = stack_pointers.back();
  }
  AddressRange scratch =
      TRY(find_scratch_memory(live_, mappings, first_stack_pointer, stack_pointers));
  StoppedThread* thread = choose_thread(stopped.threads());
  if (thread == nullptr) {
    return fail(ErrorKind::kUnsupported, "every thread is about to receive a signal");
  }
  RemoteCall call(pid_, *thread, code_, scratch, options_.on_step);
  CallResult result = TRY(call.fork_copy());
  if (result.new_process) return *result.new_process;
  return fail(ErrorKind::kUnsupported, std::string("the kernel refuses to fork the program: ") +
                                           std::strerror(static_cast<int>(-result.value)));
}

Result<Freeze> Freezing::by_fork() {
  StoppedThreads stopped = TRY(stop_at_good_instant());
  Result<pid_t> copy = fork_copy(stopped);
  resume(stopped);
  if (!copy) return std::unexpected(copy.error());
  std::unique_ptr<FrozenCopy> frozen = TRY(FrozenCopy::guard(pid_, *copy, options_.on_step));
  return finish(std::move(frozen), FreezeMode::kFork);
}

Result<void> Freezing::save(SavedCopy& saved) {
  Diagnostics diagnostics;
  std::vector<procfs::Mapping> mappings = TRY(procfs::read_maps(pid_, diagnostics));
  std::vector<AddressRange> ranges = options_.ranges_to_copy ? TRY(options_.ranges_to_copy(live_))
                                                             : private_writable_ranges(mappings);
  return saved.fill(ranges, std::move(mappings));
}

Result<Freeze> Freezing::by_stop() {
  LiveProcess live = TRY(LiveProcess::open(pid_));
  std::unique_ptr<SavedCopy> saved = std::make_unique<SavedCopy>(std::move(live));
  // What the running process tells may be nonsense; it only warms the store.
  [[maybe_unused]] Result<void> warmed = save(*saved);
  StoppedThreads stopped = TRY(stop_at_good_instant());
  Result<void> done = save(*saved);
  resume(stopped);
  if (!done) return std::unexpected(done.error());
  // What an earlier seep that was killed left behind; a freeze by fork does this at its end.
  report_.total_stopped_ms += reap_copy_zombies(pid_, find_copy_zombies(pid_), options_.on_step);
  return finish(std::move(saved), FreezeMode::kStop);
}

Freeze Freezing::finish(std::unique_ptr<Freeze::Image> image, FreezeMode mode) {
  report_.mode = mode;
  return Freeze(std::move(image), std::move(registers_), report_, good_instant_);
}

Result<Freeze> Freezing::run() {
  if (options_.mode == FreezeMode::kFork) {
    report_.fallback_reason = obstacle_to_forking();
    if (!report_.fallback_reason) {
      Result<Freeze> frozen = by_fork();
      if (frozen || frozen.error().kind != ErrorKind::kUnsupported) return frozen;
      report_.fallback_reason = frozen.error().message;
    }
  }
  return by_stop();
}

Result<void> check_tracer(pid_t pid) {
  Result<procfs::ProcessStatus> status = procfs::read_status(pid);
  if (!status || status->tracer == 0) return {};
  return std::unexpected(tracer_error(pid, status->tracer));
}

}  // namespace

Freeze::Freeze(std::unique_ptr<Image> image, std::vector<ThreadRegisters> threads,
               snapshot::FreezeReport report, bool good_instant)
    : image_(std::move(image)),
      threads_(std::move(threads)),
      report_(std::move(report)),
      good_instant_(good_instant) {}

Freeze& Freeze::operator=(Freeze&& other) noexcept {
  release();
  image_ = std::move(other.image_);
  threads_ = std::move(other.threads_);
  report_ = std::move(other.report_);
  good_instant_ = other.good_instant_;
  return *this;
}

Freeze::~Freeze() { release(); }

void Freeze::release() {
  if (image_) report_.total_stopped_ms += image_->release();
  image_.reset();
}

Result<Freeze> freeze(pid_t pid, const FreezeOptions& options) {
  LiveProcess live = TRY(LiveProcess::open(pid));
  TRY(check_tracer(pid));
  return Freezing(pid, std::move(live), options).run();
}

}  // namespace seep::target
