// A consistent image of a live process for the price of milliseconds (design 3).
//
// By fork: all threads are stopped, one of them is made to fork a copy that never runs, the process
// goes on, the copy is read at leisure. By stop, where forking is refused: all threads are stopped
// while the memory that matters is copied to seep. How a freeze keeps the target safe is told at
// the head of remote_call.cc.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "snapshot/snapshot.h"
#include "target/memory_reader.h"
#include "target/thread_registers.h"

namespace seep::target {

/// Instants of a freeze, in order. Tests end seep at each of them.
enum class FreezeStep : std::uint8_t {
  kStopped,
  kScratchWritten,
  kRegistersChanged,
  kSignalsBlocked,
  kCallEntered,
  kCallStopped,  ///< an event inside the call: the copy exists
  kCallLeft,
  kCallDone,
  kSignalsUnblocked,
  kRegistersRestored,
  kScratchCleared,
  kResumed,
  kCopyGuarded,
  kCopyKilled,
  kReaped,
};

struct FreezeOptions {
  /// What is asked for; kFork falls back to kStop by itself and says why.
  snapshot::FreezeMode mode = snapshot::FreezeMode::kFork;
  /// Called with the target stopped. False: resume and try again, for the collector is marking or a
  /// stack is being copied. Called at most `max_attempts` times.
  std::function<bool(const MemoryReader&, std::span<const ThreadRegisters>)> is_good_instant;
  std::uint32_t max_attempts = 20;
  std::chrono::milliseconds patience{2000};  ///< for all attempts together
  /// Stop mode: which memory to copy, called with the target stopped (and once before, to have room
  /// ready: a failure there does not matter). Memory that is not writable need not be named. Empty:
  /// all private writable memory.
  std::function<Result<std::vector<AddressRange>>(const MemoryReader&)> ranges_to_copy;
  /// For tests.
  std::function<void(FreezeStep)> on_step;
};

/// Holds the frozen image; lets it go when destroyed. Belongs to the thread that made it: the
/// kernel ends the copy when that thread ends.
class Freeze {
 public:
  /// What is behind a Freeze in one of the two modes.
  class Image {
   public:
    virtual ~Image() = default;
    virtual const MemoryReader& memory() const = 0;
    /// Ends the copy, if there is one; returns for how long a thread of the target was stopped.
    virtual double release() = 0;
  };

  Freeze(std::unique_ptr<Image> image, std::vector<ThreadRegisters> threads,
         snapshot::FreezeReport report, bool good_instant);
  Freeze(Freeze&&) noexcept = default;
  Freeze& operator=(Freeze&&) noexcept;
  ~Freeze();

  /// The image; may be read from several threads until release(). A copy that was ended (by the
  /// out-of-memory killer, or because the target ended) reads as nothing.
  const MemoryReader& memory() const { return image_->memory(); }
  std::span<const ThreadRegisters> threads() const { return threads_; }
  const snapshot::FreezeReport& report() const { return report_; }
  /// False: no good instant came within the patience, and the last one was taken.
  bool good_instant() const { return good_instant_; }

  /// Lets the image go; memory() must not be used any more. Adds the stop that it takes to the
  /// report.
  void release();

 private:
  std::unique_ptr<Image> image_;
  std::vector<ThreadRegisters> threads_;
  snapshot::FreezeReport report_;
  bool good_instant_ = true;
};

/// kNotFound: no such process. kPermissionDenied: the kernel does not let us, or another tracer has
/// it. kUnsupported: a kernel thread, a zombie, a 32-bit program. kTargetGone: it ended meanwhile.
Result<Freeze> freeze(pid_t pid, const FreezeOptions& options);

}  // namespace seep::target
