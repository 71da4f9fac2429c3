#include "goruntime/goroutines/stack_walker.h"

namespace seep::goruntime {
namespace {

bool is_injected(FunctionRole role) {
  return role == FunctionRole::kAsyncPreempt || role == FunctionRole::kDebugCall;
}

FrameState state_above(FunctionRole callee) {
  if (is_injected(callee)) return FrameState::kInterrupted;
  return callee == FunctionRole::kSigPanic ? FrameState::kPanicked : FrameState::kCalling;
}

}  // namespace

void walk_stack(FramePlans& plans, const StackMemory& stack, WalkStart start, Walk& walk) {
  walk.frames.clear();
  walk.complete = false;
  walk.end = start.sp;
  Address pc = start.pc, sp = start.sp;
  FrameState state = start.state;
  if (pc.is_null()) {
    // A call of a nil function: its caller is the innermost frame.
    std::optional<std::uint64_t> caller = stack.word(sp);
    if (!caller) return;
    pc = Address(*caller);
    sp = sp + 8;
    state = FrameState::kCalling;
  }
  // A thread stopped anywhere has no map for its registers and its innermost frame.
  bool conservative = state == FrameState::kInterrupted;
  for (bool innermost = true;; innermost = false) {
    const FramePlan* plan = plans.plan(pc, state);
    if (plan == nullptr || !plan->has_size) return;
    const Function& function = *plan->function;
    if (function.role == FunctionRole::kGogo) return;  // its tables are those of the stack it left
    Address cfa = sp + plan->sp_delta + 8;
    if (!stack.word(cfa - 8)) return;
    // asyncPreempt and debugCall hold the registers of the frame they interrupted, and the write
    // barrier those of its caller. The collector never meets the latter, nor others of its kind; a
    // thread can be stopped in them.
    bool unmapped = is_injected(function.role) || function.unmapped_call;
    bool by_rule = conservative || unmapped;
    walk.frames.push_back({plan, sp, cfa, by_rule || !plan->exact, !by_rule && !plan->exact});
    conservative = unmapped;
    walk.end = cfa;
    // The thread has not left the goroutine's stack for the one that ends here yet.
    bool still_here = innermost && function.role == FunctionRole::kStackSwitch;
    if (function.top_frame && !still_here) {
      walk.complete = true;
      return;
    }
    // Such a function's table of its frame's size is only good before it changes sp. Where a
    // goroutine saved its own state it has not; cgocallback keeps both its stacks in order.
    if (function.writes_sp && !innermost && function.role != FunctionRole::kCgoCallback) return;
    pc = Address(*stack.word(cfa - 8));
    sp = cfa;
    state = state_above(function.role);
  }
}

}  // namespace seep::goruntime
