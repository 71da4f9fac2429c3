#include "goruntime/code/frame_plan.h"

#include <algorithm>
#include <utility>

#include "goruntime/code/function_name.h"

namespace seep::goruntime {
namespace {

// Where the tables for lines and inlined calls are asked (runtime/traceback.go, symPC).
Address symbol_pc(const Function& function, Address pc, FrameState state) {
  return state == FrameState::kCalling && pc > function.entry ? pc - 1 : pc;
}

// A frame that faulted goes on at its call of deferreturn, or never (resolveInternal).
Address continuation(const Function& function, Address pc, FrameState state) {
  if (state != FrameState::kPanicked) return pc;
  return function.defer_return != 0 ? function.entry + function.defer_return + 1 : Address();
}

void name_slot(const std::vector<NamedFrameWords>& variables, PlannedSlot& slot) {
  for (const NamedFrameWords& variable : variables) {
    std::uint64_t inside = static_cast<std::uint64_t>(slot.offset - variable.offset);
    if (slot.offset < variable.offset || inside >= variable.bytes) continue;
    slot.type = variable.type;
    slot.name = variable.name;
    slot.variable_offset = variable.part_offset + inside;
    std::uint64_t up_to_word = inside + sizeof(std::uint64_t);
    slot.bytes_behind = variable.bytes - std::min(variable.bytes, up_to_word);
    return;
  }
}

}  // namespace

const FramePlan* FramePlans::plan(Address pc, FrameState state) {
  std::uint64_t key = pc.value() * 4 + static_cast<std::uint64_t>(state);
  auto [found, is_new] = plans_.try_emplace(key);
  if (is_new) {
    const Function* function = functions_->find(pc);
    if (function != nullptr) found->second = make(*function, pc, state);
  }
  return found->second.get();
}

std::unique_ptr<FramePlan> FramePlans::make(const Function& function, Address pc,
                                            FrameState state) const {
  std::unique_ptr<FramePlan> plan = std::make_unique<FramePlan>();
  plan->function = &function;
  plan->pc = pc;
  if (std::optional<std::uint32_t> delta = functions_->sp_delta(function, pc)) {
    plan->has_size = true;
    plan->sp_delta = *delta;
    plan->open_defers = read_open_defers(*functions_, function, *delta);
  }
  Address continues_at = continuation(function, pc, state);
  if (plan->has_size && !continues_at.is_null()) {
    StackMap map = read_stack_map(*functions_, function, plan->sp_delta, continues_at);
    plan->exact = map.exact;
    for (std::int64_t offset : map.live) plan->slots.push_back({offset, {}, {}, 0});
    for (StackObject& object : map.objects) {
      PlannedObject& planned = plan->objects.emplace_back(object.offset, object.bytes);
      for (std::uint32_t pointer : object.pointers) {
        planned.slots.push_back({object.offset + pointer, {}, {}, 0});
      }
    }
  }
  Address symbol = symbol_pc(function, pc, state);
  if (variables_ != nullptr) name_slots(symbol, *plan);
  print(symbol, *plan);
  return plan;
}

void FramePlans::name_slots(Address symbol_pc, FramePlan& plan) const {
  if (plan.slots.empty() && plan.objects.empty()) return;
  std::vector<NamedFrameWords> variables = variables_->variables_at(symbol_pc);
  for (PlannedSlot& slot : plan.slots) name_slot(variables, slot);
  for (PlannedObject& object : plan.objects) {
    for (PlannedSlot& slot : object.slots) name_slot(variables, slot);
  }
}

void FramePlans::print(Address symbol_pc, FramePlan& plan) const {
  for (const SourceFrame& frame : functions_->source_frames(*plan.function, symbol_pc)) {
    PrintedFrame& printed = plan.printed.emplace_back();
    bool is_panic = frame.name == "runtime.gopanic";
    printed.function =
        strings_->intern(is_panic ? std::string("panic") : printed_function_name(frame.name));
    printed.file = strings_->intern(frame.place.file);
    printed.line = frame.place.line;
    printed.inlined = frame.inlined;
    printed.role = frame.role;
    // Go 1.25 and later show the callers of finalizers and cleanups (traceback.go, showfuncinfo).
    bool runs_user_functions =
        frame.role == FunctionRole::kRunCleanups || frame.role == FunctionRole::kRunFinalizers;
    printed.shown =
        is_shown_by_name(frame.name) || (runs_user_functions && frame.name != "runtime.runfinq");
  }
}

}  // namespace seep::goruntime
