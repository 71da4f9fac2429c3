// The forked copy of a process: its memory at one instant, in a process that never runs.
#pragma once

#include <sys/types.h>

#include <functional>

#include "target/freeze.h"

namespace seep::target {

/// Owns the copy: kills it and has it taken away when released or destroyed.
class FrozenCopy final : public Freeze::Image, private MemoryReader {
 public:
  /// `copy` is a tracee of this thread, born by RemoteCall::fork_copy. Waits for its first stop and
  /// makes it die with seep and first in a shortage of memory.
  static Result<std::unique_ptr<FrozenCopy>> guard(pid_t target, pid_t copy,
                                                   std::function<void(FreezeStep)> on_step);
  FrozenCopy(const FrozenCopy&) = delete;
  FrozenCopy& operator=(const FrozenCopy&) = delete;
  ~FrozenCopy() override;

  const MemoryReader& memory() const override { return *this; }
  double release() override;

 private:
  FrozenCopy(pid_t target, pid_t copy, std::function<void(FreezeStep)> on_step)
      : target_(target), copy_(copy), on_step_(std::move(on_step)) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override;
  void end_copy();
  void step(FreezeStep step) const {
    if (on_step_) on_step_(step);
  }

  pid_t target_;
  pid_t copy_;  ///< 0 once it is released
  std::function<void(FreezeStep)> on_step_;
};

}  // namespace seep::target
