#include "goruntime/goroutines/hidden_wait.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace seep::goruntime {
namespace {

using snapshot::WaitKind;

constexpr std::size_t kFramesToLookAt = 12;  // gopark and its callers up to the function of sync
constexpr std::uint64_t kNotifyListAt = 16;  // sync.Cond: L, notify (cond.go, Go 1.9-1.27)

std::span<const WalkedFrame> innermost(std::span<const WalkedFrame> frames) {
  return frames.first(std::min(frames.size(), kFramesToLookAt));
}

bool shows(const WalkedFrame& frame, const snapshot::StringTable& strings, std::string_view name) {
  return std::ranges::any_of(frame.plan->printed, [&](const PrintedFrame& line) {
    return std::string_view(strings.text(line.function)).starts_with(name);
  });
}

bool is_in(std::span<const WalkedFrame> frames, const snapshot::StringTable& strings,
           std::string_view name) {
  return std::ranges::any_of(innermost(frames),
                             [&](const WalkedFrame& frame) { return shows(frame, strings, name); });
}

// Package sync calls the runtime's semaphores by names of its own (runtime/sema.go, linknames);
// whoever else uses them does not wait for another goroutine's unlocking.
WaitKind semaphore_kind(std::span<const WalkedFrame> frames, const snapshot::StringTable& strings) {
  bool of_sync = is_in(frames, strings, "sync.runtime_Semacquire") ||
                 is_in(frames, strings, "internal/sync.runtime_Semacquire");
  if (!of_sync) return WaitKind::kOther;
  return is_in(frames, strings, "sync.(*WaitGroup).Wait") ? WaitKind::kWaitGroup : WaitKind::kMutex;
}

void find_condition(snapshot::Goroutine& goroutine, std::span<const WalkedFrame> frames,
                    const StackMemory& stack, const snapshot::StringTable& strings,
                    WaitReader& waits) {
  for (const WalkedFrame& frame : innermost(frames)) {
    if (!shows(frame, strings, "sync.(*Cond).Wait")) continue;
    for (const PlannedSlot& slot : frame.plan->slots) {
      std::optional<std::uint64_t> word =
          stack.word(frame.cfa + static_cast<std::uint64_t>(slot.offset));
      if (!word || *word == 0) continue;
      goroutine.waits_for = waits.condition_of(goroutine.g, Address(*word) + kNotifyListAt);
      if (!goroutine.waits_for.empty()) return;
    }
  }
}

}  // namespace

void find_hidden_wait(snapshot::Goroutine& goroutine, std::span<const WalkedFrame> frames,
                      const StackMemory& stack, const snapshot::StringTable& strings,
                      WaitReader& waits) {
  if (!goroutine.waits_for.empty()) return;
  switch (goroutine.wait_kind) {
    case WaitKind::kOther:
      goroutine.waits_for = waits.semaphore_of(goroutine.g);
      if (!goroutine.waits_for.empty()) goroutine.wait_kind = semaphore_kind(frames, strings);
      if (goroutine.wait_kind == WaitKind::kOther) goroutine.waits_for.clear();
      return;
    case WaitKind::kMutex:
    case WaitKind::kWaitGroup:
      goroutine.waits_for = waits.semaphore_of(goroutine.g);
      return;
    case WaitKind::kCondition:
      find_condition(goroutine, frames, stack, strings, waits);
      return;
    default:
      return;
  }
}

}  // namespace seep::goruntime
