// Unwinding a goroutine's stack, frame by frame, as the collector does it (runtime/traceback.go).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/address.h"
#include "base/byte_reader.h"
#include "goruntime/code/frame_plan.h"

namespace seep::goruntime {

/// The used part of a stack, read at once.
struct StackMemory {
  AddressRange whole;  ///< all of the stack's memory, what is not in use included
  Address begin;       ///< of `bytes`; they end where the stack ends
  std::span<const std::byte> bytes;

  std::optional<std::uint64_t> word(Address address) const {
    std::uint64_t offset = address - begin;
    if (address < begin || offset > bytes.size() || bytes.size() - offset < 8) return std::nullopt;
    return load_unchecked<std::uint64_t>(bytes.data() + offset);
  }
};

struct WalkStart {
  Address pc, sp;
  FrameState state = FrameState::kCalling;
};

struct WalkedFrame {
  const FramePlan* plan = nullptr;
  Address sp, cfa;
  bool conservative = false;  ///< any of its words may be a pointer
  bool lacks_map = false;     ///< and that only because it has no map where it should
};

struct Walk {
  std::vector<WalkedFrame> frames;  ///< innermost first
  bool complete = false;            ///< down to the function that the goroutine began with
  Address end;                      ///< everything below belongs to `frames`
};

/// Replaces what is in `walk`, whose memory is used again. Ends after as many frames as the stack
/// has words.
void walk_stack(FramePlans& plans, const StackMemory& stack, WalkStart start, Walk& walk);

}  // namespace seep::goruntime
