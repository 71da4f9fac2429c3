// Goroutines: state, what they wait for, where they are and who started them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/address.h"
#include "snapshot/gc_root.h"
#include "snapshot/heap.h"
#include "snapshot/string_table.h"

namespace seep::snapshot {

using StackId = StrongId<struct StackTag>;

/// One line of a stack as runtime.Stack prints it: inlined calls are frames of their own.
struct StackFrame {
  StringId function;  ///< Go's own name: "net/http.(*conn).serve"
  StringId file;
  std::uint32_t line = 0;
  bool inlined = false;  ///< the frame has no words of its own; the next outer real frame does

  bool operator==(const StackFrame&) const = default;
};

/// Stacks, each distinct one held once, innermost frame first. Id 0 is the empty stack.
struct StackTable {
  std::vector<std::vector<StackFrame>> stacks;

  StackTable() { stacks.emplace_back(); }
  const std::vector<StackFrame>& operator[](StackId id) const {
    return stacks[id.value < stacks.size() ? id.value : 0];
  }
  bool operator==(const StackTable&) const = default;
};

enum class GoroutineStatus : std::uint8_t {
  kIdle,
  kRunnable,
  kRunning,
  kSyscall,
  kWaiting,
  kDead,
  kCopyStack,
  kPreempted,
  kLeaked,  ///< waits, and Go's own profile has said that it does so for ever
};

inline bool is_waiting(GoroutineStatus status) {
  return status == GoroutineStatus::kWaiting || status == GoroutineStatus::kLeaked;
}

/// What has to happen for a waiting goroutine to go on.
enum class WaitKind : std::uint8_t {
  kNone,       ///< not waiting
  kNever,      ///< nil channel or empty select: nothing can wake it
  kChannel,    ///< send or receive on one channel
  kSelect,     ///< any of several channels
  kMutex,      ///< sync.Mutex, sync.RWMutex
  kCondition,  ///< sync.Cond
  kWaitGroup,
  kOther,  ///< sleep, network, the runtime's own business: someone outside wakes it
};

/// The runtime's queue that a goroutine works off.
enum class QueueDuty : std::uint8_t { kNone, kFinalizers, kCleanups };

/// One thing that a goroutine waits for: the channel, or the address of the lock's semaphore.
struct WaitObject {
  Address address;
  ObjectId object;  ///< the heap object it lies in; none if it is not in the heap
  bool operator==(const WaitObject&) const = default;
};

/// Calls that a frame has deferred and that have not begun to run.
struct DeferredCalls {
  std::uint32_t frame = 0;  ///< index into the frames of the goroutine's stack, innermost 0
  StringId function;        ///< what is called; empty if unknown
  std::uint64_t count = 0;

  bool operator==(const DeferredCalls&) const = default;
};

struct Goroutine {
  std::uint64_t id = 0;
  GoroutineStatus status = GoroutineStatus::kIdle;
  WaitKind wait_kind = WaitKind::kNone;
  StringId wait_reason;  ///< Go's words: "chan receive"; empty when not waiting
  /// Since when it waits, as of the freeze. Go notes the time only when a collection passes, so
  /// none means "less than one collection cycle".
  std::optional<double> wait_seconds;
  bool system = false;  ///< the runtime's own
  bool unwound = true;  ///< its stack was read down to its first function
  Address g;
  ObjectId g_object;  ///< the g itself, if it lies in the heap
  RootId root;
  StackId stack;
  StackFrame created_by;        ///< the go statement; no function for the first goroutine
  std::uint64_t parent_id = 0;  ///< who ran the go statement; 0 if unknown
  StringId start_function;
  std::uint64_t stack_bytes = 0;  ///< size of its stack memory
  std::vector<WaitObject> waits_for;
  std::vector<DeferredCalls> deferred;  ///< by frame; each function of a frame once
  QueueDuty duty = QueueDuty::kNone;
  /// Its wait was over in the program by the time the frozen copy had been read. Whoever woke it
  /// had what it waited for, wherever that was.
  bool went_on = false;

  bool operator==(const Goroutine&) const = default;
};

}  // namespace seep::snapshot
