// Source of the rules: runtime/traceback.go (traceback2, showfuncinfo, elideWrapperCalling) and
// runtime/symtab.go (Frames.Next).
#include "goruntime/goroutines/stack_interner.h"

#include <algorithm>
#include <utility>

#include "goruntime/code/function_name.h"

namespace seep::goruntime {
namespace {

// A wrapper that called into a panic instead of what it wraps is worth showing.
bool is_hidden_wrapper(FunctionRole role, FunctionRole callee) {
  return role == FunctionRole::kWrapper && callee != FunctionRole::kGopanic &&
         callee != FunctionRole::kSigPanic && callee != FunctionRole::kPanicWrap;
}

bool is_shown(const PrintedFrame& frame, FunctionRole callee, bool first) {
  if (is_hidden_wrapper(frame.role, callee)) return false;
  return frame.shown || (frame.role == FunctionRole::kGopanic && !first);
}

// The runtime's exported functions are called by programs, not by its own goroutines.
bool is_user_code(const PrintedFrame& frame, bool show_all) {
  return !show_all && frame.role != FunctionRole::kRunFinalizers &&
         frame.role != FunctionRole::kRunCleanups;
}

snapshot::StackFrame line_of(const PrintedFrame& frame) {
  return {frame.function, frame.file, frame.line, frame.inlined};
}

}  // namespace

std::size_t StackInterner::KeyHash::operator()(const std::vector<std::uint64_t>& key) const {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (std::uint64_t word : key) {
    hash = (hash ^ word) * 0x9e3779b97f4a7c15;
    hash ^= hash >> 29;
  }
  return static_cast<std::size_t>(hash);
}

const InternedStack& StackInterner::intern(std::span<const WalkedFrame> frames) {
  key_.clear();
  for (const WalkedFrame& frame : frames) {
    key_.push_back(reinterpret_cast<std::uintptr_t>(frame.plan));
  }
  auto [found, is_new] = by_plans_.try_emplace(key_);
  InternedStack& stack = found->second;
  if (!is_new) return stack;
  std::vector<snapshot::StackFrame> lines;
  expand(frames, false, stack, lines);
  // Of a stack that is all the runtime's, everything is shown.
  if (lines.empty()) expand(frames, true, stack, lines);
  if (lines.size() > kMaxFrames) {
    constexpr std::uint32_t kHalf = kMaxFrames / 2;
    std::uint32_t cut = static_cast<std::uint32_t>(lines.size() - kMaxFrames);
    lines.erase(lines.begin() + kHalf, lines.begin() + kHalf + cut);
    for (std::uint32_t& index : stack.shown_as) {
      if (index >= kHalf) index = index >= kHalf + cut ? index - cut : kHalf - 1;
    }
    stack.left_out = cut;
  }
  stack.id = add(std::move(lines));
  return stack;
}

void StackInterner::expand(std::span<const WalkedFrame> frames, bool show_all, InternedStack& stack,
                           std::vector<snapshot::StackFrame>& lines) const {
  constexpr std::uint32_t kHidden = ~std::uint32_t{0};
  stack.shown_as.assign(frames.size(), kHidden);
  FunctionRole callee = FunctionRole::kNormal;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (const PrintedFrame& frame : frames[i].plan->printed) {
      if (show_all || is_shown(frame, callee, lines.empty())) {
        // The last of a group is the frame itself: what is inlined in it comes before.
        stack.shown_as[i] = static_cast<std::uint32_t>(lines.size());
        lines.push_back(line_of(frame));
        stack.has_user_frame = stack.has_user_frame || is_user_code(frame, show_all);
      }
      callee = frame.role;
    }
  }
  std::uint32_t outer = lines.empty() ? 0 : static_cast<std::uint32_t>(lines.size() - 1);
  for (std::size_t i = frames.size(); i-- > 0;) {
    if (stack.shown_as[i] == kHidden) stack.shown_as[i] = outer;
    outer = stack.shown_as[i];
  }
}

snapshot::StackId StackInterner::add(std::vector<snapshot::StackFrame> lines) {
  std::vector<std::uint64_t> key;
  for (const snapshot::StackFrame& line : lines) {
    key.push_back((std::uint64_t{line.function.value} << 32) | line.file.value);
    key.push_back((std::uint64_t{line.line} << 1) | (line.inlined ? 1 : 0));
  }
  if (key.empty()) return {};
  auto [found, is_new] = by_lines_.try_emplace(std::move(key));
  if (is_new) {
    found->second = snapshot::StackId{static_cast<std::uint32_t>(stacks_->stacks.size())};
    stacks_->stacks.push_back(std::move(lines));
  }
  return found->second;
}

const snapshot::StackFrame& StackInterner::caller(Address return_pc) {
  auto [found, is_new] = callers_.try_emplace(return_pc.value());
  const Function* function = is_new ? functions_->find(return_pc) : nullptr;
  if (function != nullptr) {
    Address call = return_pc > function->entry ? return_pc - 1 : return_pc;
    SourceFrame frame = functions_->source_frames(*function, call).front();
    found->second = {strings_->intern(printed_function_name(frame.name)),
                     strings_->intern(frame.place.file), frame.place.line, frame.inlined};
  }
  return found->second;
}

snapshot::StackId StackInterner::intern_callers(std::span<const std::uint64_t> pcs) {
  std::vector<snapshot::StackFrame> lines;
  for (std::uint64_t pc : pcs.first(std::min(pcs.size(), kMaxFrames))) {
    const snapshot::StackFrame& line = caller(Address(pc));
    if (line.function) lines.push_back(line);
  }
  return add(std::move(lines));
}

}  // namespace seep::goruntime
