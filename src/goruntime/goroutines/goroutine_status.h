// The state of a goroutine as Go numbers it (runtime/runtime2.go, _Gidle and following).
#pragma once

#include <cstdint>
#include <optional>

#include "snapshot/goroutine.h"

namespace seep::goruntime {

/// In g.atomicstatus beside the state: the collector looks at the stack (_Gscan).
inline constexpr std::uint64_t kScanBit = 0x1000;

/// Of g.atomicstatus, with kScanBit or without. Nothing: there is no goroutine (idle, dead, kept
/// for threads of C).
inline std::optional<snapshot::GoroutineStatus> goroutine_status(std::uint64_t atomicstatus) {
  switch (atomicstatus & ~kScanBit) {
    case 1:
      return snapshot::GoroutineStatus::kRunnable;
    case 2:
      return snapshot::GoroutineStatus::kRunning;
    case 3:
      return snapshot::GoroutineStatus::kSyscall;
    case 4:
      return snapshot::GoroutineStatus::kWaiting;
    case 8:
      return snapshot::GoroutineStatus::kCopyStack;
    case 9:
      return snapshot::GoroutineStatus::kPreempted;
    case 10:  // since Go 1.26
      return snapshot::GoroutineStatus::kLeaked;
    default:
      return std::nullopt;
  }
}

}  // namespace seep::goruntime
