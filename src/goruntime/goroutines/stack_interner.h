// From unwound frames to the stacks people read: inlined calls become frames of their own, what
// Go's tracebacks hide is left out, and each distinct stack is held once.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "goruntime/code/frame_plan.h"
#include "goruntime/goroutines/stack_walker.h"
#include "snapshot/goroutine.h"

namespace seep::goruntime {

/// A stack, and under which of its frames the words of each unwound frame are listed: its own line,
/// or for a hidden function that of the nearest caller that is shown.
struct InternedStack {
  snapshot::StackId id;
  std::vector<std::uint32_t> shown_as;  ///< by unwound frame
  std::uint64_t left_out = 0;           ///< frames from the middle of a very deep stack
  bool has_user_frame = false;          ///< code of the program, not only the runtime's
};

class StackInterner {
 public:
  /// Deeper stacks keep as many innermost and as many outermost frames, half of this each.
  static constexpr std::size_t kMaxFrames = 1024;

  /// All outlive this.
  StackInterner(FunctionTable& functions, snapshot::StringTable& strings,
                snapshot::StackTable& stacks)
      : functions_(&functions), strings_(&strings), stacks_(&stacks) {}

  /// As runtime.Stack prints it. The reference stays valid as long as this.
  const InternedStack& intern(std::span<const WalkedFrame> frames);

  /// A stack of return addresses that runtime.Callers made, one for each frame, inlined ones
  /// included, as the buckets of the heap profile hold them: as runtime.CallersFrames tells it.
  snapshot::StackId intern_callers(std::span<const std::uint64_t> pcs);

 private:
  struct KeyHash {
    std::size_t operator()(const std::vector<std::uint64_t>& key) const;
  };

  void expand(std::span<const WalkedFrame> frames, bool show_all, InternedStack& stack,
              std::vector<snapshot::StackFrame>& lines) const;
  snapshot::StackId add(std::vector<snapshot::StackFrame> lines);
  const snapshot::StackFrame& caller(Address return_pc);

  FunctionTable* functions_;
  snapshot::StringTable* strings_;
  snapshot::StackTable* stacks_;
  std::unordered_map<std::uint64_t, snapshot::StackFrame> callers_;
  std::vector<std::uint64_t> key_;
  std::unordered_map<std::vector<std::uint64_t>, InternedStack, KeyHash> by_plans_;
  std::unordered_map<std::vector<std::uint64_t>, snapshot::StackId, KeyHash> by_lines_;
};

}  // namespace seep::goruntime
