#include "goruntime/goroutines/goroutine_reader.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "goruntime/code/frame_plan.h"
#include "goruntime/code/function_name.h"
#include "goruntime/goroutines/deferred_calls.h"
#include "goruntime/goroutines/goroutine_status.h"
#include "goruntime/goroutines/hidden_wait.h"
#include "goruntime/goroutines/records_in_hand.h"
#include "goruntime/goroutines/running_goroutine.h"
#include "goruntime/goroutines/stack_interner.h"
#include "goruntime/goroutines/stack_walker.h"
#include "goruntime/goroutines/system_stacks.h"
#include "goruntime/goroutines/wait_reader.h"
#include "goruntime/member_value.h"
#include "goruntime/paged_memory.h"
#include "target/read_array.h"

namespace seep::goruntime {
namespace {

constexpr std::uint64_t kMaxGoroutines = 100'000'000;
constexpr std::uint32_t kMaxGBytes = 8192;
constexpr std::uint64_t kMaxStackBytes = std::uint64_t{4} << 30;
constexpr std::uint64_t kLargeStackBytes = std::uint64_t{1} << 20;
// runtime/preempt_amd64.go, xRegs: 32 vector and 8 mask registers.
constexpr std::size_t kVectorRegisterBytes = 32 * 64 + 8 * 8;

struct Reason {
  snapshot::StringId text;
  snapshot::WaitKind kind = snapshot::WaitKind::kNone;
};

/// What is known of a goroutine from the function it began with.
struct StartFunction {
  snapshot::StringId name;
  FunctionRole role = FunctionRole::kNormal;
  bool in_runtime = false;
};

class GoroutineReader {
 public:
  GoroutineReader(const GoroutineInput& input, snapshot::Snapshot& out)
      : input_(input),
        layout_(input.layout),
        out_(out),
        structs_(input.memory),
        plans_(input.functions, out.strings, input.frame_variables),
        stacks_(input.functions, out.strings, out.stacks),
        waits_(structs_, input.layout, input.index, out.diagnostics),
        roots_(input.layout, input.index, out.heap, structs_, out.roots, table_.counts),
        records_(input.memory, input.layout, input.index) {
    if (input.frame_variables != nullptr) g_type_ = input.frame_variables->goroutine();
  }

  Result<GoroutineTable> read() {
    if (layout_.g.bytes == 0 || layout_.g.bytes > kMaxGBytes) {
      return fail(ErrorKind::kUnsupported, "the size of runtime.g is unknown");
    }
    for (const std::string& text : layout_.wait_reasons) {
      reasons_.push_back({out_.strings.intern(text), wait_kind_of(text)});
    }
    std::uint64_t header[2];
    TRY(input_.memory.read(input_.variables.allgs, std::as_writable_bytes(std::span(header))));
    if (header[1] > kMaxGoroutines) {
      return fail(ErrorKind::kCorrupt, "the list of goroutines has an impossible length",
                  input_.variables.allgs);
    }
    std::vector<std::uint64_t> goroutines;
    TRY(target::read_array(input_.memory, Address(header[0]), header[1], goroutines));
    waits_.read_semaphores(input_.variables.semtable);
    for (std::size_t i = 0; i < goroutines.size(); ++i) {
      if (read_goroutine(Address(goroutines[i]))) skip_word(Address(header[0]) + 8 * i);
    }
    read_system_stacks();
    std::vector<AddressRange> words = waits_.words();
    table_.words_to_skip.insert(table_.words_to_skip.end(), words.begin(), words.end());
    std::ranges::sort(table_.words_to_skip);
    count_diagnostics();
    return std::move(table_);
  }

 private:
  std::uint64_t g_word(Member member) const { return load_member(g_, member); }

  void skip_word(Address word) {
    std::vector<AddressRange>& words = table_.words_to_skip;
    if (!words.empty() && words.back().end == word) {
      words.back().end = word + 8;
    } else {
      words.push_back({word, word + 8});
    }
  }

  /// False if it is none (any more).
  bool read_goroutine(Address g) {
    g_.resize(layout_.g.bytes);
    if (!structs_.read(g, g_)) {
      out_.diagnostics.count("goroutines not readable");
      return false;
    }
    std::optional<snapshot::GoroutineStatus> status =
        goroutine_status(g_word(layout_.g.atomicstatus));
    if (!status) return false;

    snapshot::Goroutine goroutine;
    goroutine.g = g;
    goroutine.status = *status;
    goroutine.id = g_word(layout_.g.goid);
    goroutine.parent_id = g_word(layout_.g.parentGoid);
    goroutine.g_object = input_.index.find(g).object;
    read_wait(goroutine);
    read_origin(goroutine);
    read_stack(goroutine);
    if (!layout_.waiting_names_semaphores && goroutine.wait_kind != snapshot::WaitKind::kNone) {
      find_hidden_wait(goroutine, walk_.frames, stack_memory_, out_.strings, waits_);
    }
    out_.goroutines.push_back(std::move(goroutine));
    return true;
  }

  void read_wait(snapshot::Goroutine& goroutine) {
    bool waits = snapshot::is_waiting(goroutine.status);
    if (waits) {
      std::uint64_t reason = g_word(layout_.g.waitreason);
      goroutine.wait_kind = snapshot::WaitKind::kOther;
      if (reason != 0 && reason < reasons_.size()) {
        goroutine.wait_reason = reasons_[reason].text;
        goroutine.wait_kind = reasons_[reason].kind;
      }
      goroutine.waits_for =
          waits_.read(goroutine.g, load_address(g_, layout_.g.waiting), goroutine.wait_kind);
      if (is_being_woken(goroutine)) {
        goroutine.wait_kind = snapshot::WaitKind::kOther;
        goroutine.waits_for.clear();
      }
    }
    std::uint64_t since = g_word(layout_.g.waitsince);
    if ((waits || goroutine.status == snapshot::GoroutineStatus::kSyscall) && since != 0 &&
        since <= input_.monotonic_ns) {
      goroutine.wait_seconds = static_cast<double>(input_.monotonic_ns - since) / 1e9;
    }
  }

  // Who sends, receives or closes takes the waiting goroutine's record from the channel's queue,
  // notes in its `param` what woke it (closing did not before Go 1.15), and makes it runnable some
  // instructions later (runtime/chan.go: send, recv, closechan). Meanwhile nobody need have the
  // channel any more.
  bool is_being_woken(const snapshot::Goroutine& goroutine) {
    if (goroutine.wait_kind != snapshot::WaitKind::kChannel &&
        goroutine.wait_kind != snapshot::WaitKind::kSelect)
      return false;
    if (g_word(layout_.g.param) != 0 || waits_.taken_from_queue()) return true;
    if (!layout_.hchan.closed.exists()) return false;
    return std::ranges::any_of(goroutine.waits_for, [&](const snapshot::WaitObject& wait) {
      return structs_.value<std::uint32_t>(wait.address + layout_.hchan.closed.offset)
                 .value_or(0) != 0;
    });
  }

  // As one root: which goroutine it is for, if any, nothing says. The collector never asks for a
  // map there, so that a frame without one is no fault.
  void read_system_stacks() {
    std::uint32_t first = static_cast<std::uint32_t>(out_.roots.references.size());
    StackRootCounts of_goroutines = table_.counts;
    for (const SystemStack& stack :
         system_stacks_in_use(structs_, layout_, input_.variables.allm, input_.threads)) {
      stack_memory_ = read_memory(stack.stack, stack.sp);
      Address not_walked = stack_memory_.begin;
      walk_.frames.clear();
      if (stack.pc) {
        walk_stack(plans_, stack_memory_, {*stack.pc, stack.sp, FrameState::kInterrupted}, walk_);
        if (is_idle_thread(walk_)) continue;
        not_walked = walk_.complete ? stack.stack.end : walk_.end.aligned_down(8);
      }
      roots_.begin(stack_memory_, {});
      roots_.add_frames(walk_.frames);
      roots_.add_conservative({not_walked, stack.stack.end}, 0);
      for (std::uint64_t value : stack.registers) roots_.add_word(value, 0, true);
      add_words_being_moved(stack.vector);
      add_records_in_hand(stack.sp, stack.registers);
      roots_.finish();
    }
    of_goroutines.conservative_references = table_.counts.conservative_references;
    table_.counts = of_goroutines;
    std::uint32_t end = static_cast<std::uint32_t>(out_.roots.references.size());
    if (end == first) return;
    snapshot::GcRoot& root = out_.roots.roots.emplace_back();
    root.kind = snapshot::RootKind::kInHand;
    root.first_reference = first;
    root.reference_count = end - first;
  }

  void read_origin(snapshot::Goroutine& goroutine) {
    const StartFunction& start = start_function(load_address(g_, layout_.g.startpc));
    goroutine.start_function = start.name;
    // runtime.isSystemGoroutine; whether finalizers and cleanups run user code just now, the stack
    // will tell.
    goroutine.system = start.in_runtime && start.role != FunctionRole::kRuntimeMain &&
                       start.role != FunctionRole::kCoroStart &&
                       start.role != FunctionRole::kHandleAsyncEvent;
    goroutine.duty = start.role == FunctionRole::kRunFinalizers ? snapshot::QueueDuty::kFinalizers
                     : start.role == FunctionRole::kRunCleanups ? snapshot::QueueDuty::kCleanups
                                                                : snapshot::QueueDuty::kNone;
    if (goroutine.id != 1) goroutine.created_by = go_statement(load_address(g_, layout_.g.gopc));
  }

  const StartFunction& start_function(Address pc) {
    auto [found, is_new] = start_functions_.try_emplace(pc.value());
    const Function* function = is_new ? input_.functions.find(pc) : nullptr;
    if (function != nullptr) {
      found->second.name = out_.strings.intern(printed_function_name(function->name));
      found->second.role = function->role;
      found->second.in_runtime = function->name.starts_with("runtime.");
    }
    return found->second;
  }

  // As printcreatedby1: the function that was compiled, the line within what is inlined in it.
  const snapshot::StackFrame& go_statement(Address pc) {
    auto [found, is_new] = go_statements_.try_emplace(pc.value());
    const Function* function = is_new ? input_.functions.find(pc) : nullptr;
    if (function != nullptr) {
      Address call = pc > function->entry ? pc - 1 : pc;
      SourceLine place = input_.functions.source_line(*function, call);
      found->second.file = out_.strings.intern(place.file);
      found->second.line = place.line;
      found->second.function = out_.strings.intern(printed_function_name(function->name));
    }
    return found->second;
  }

  void read_stack(snapshot::Goroutine& goroutine) {
    std::uint32_t first = static_cast<std::uint32_t>(out_.roots.references.size());
    AddressRange stack{Address(load_word(g_, layout_.g.stack, 0)),
                       Address(load_word(g_, layout_.g.stack, 1))};
    goroutine.stack_bytes = stack.size();
    walk_.frames.clear();
    walk_.complete = false;
    std::optional<RunningState> state = where(goroutine, stack);
    const InternedStack* interned = &no_stack_;
    stack_memory_ = read_memory(stack, state ? state->start.sp : stack.begin);
    if (state) {
      walk_stack(plans_, stack_memory_, state->start, walk_);
      interned = &stacks_.intern(walk_.frames);
      out_.diagnostics.count("frames left out of very deep stacks", interned->left_out);
    } else {
      walk_.end = stack_memory_.begin;
    }
    goroutine.stack = interned->id;
    goroutine.unwound = walk_.complete && !(moves_words() && !state->vector);
    bool runs_user_functions = goroutine.duty != snapshot::QueueDuty::kNone;
    if (runs_user_functions && interned->has_user_frame) goroutine.system = false;
    add_roots(goroutine, *interned, state);
    goroutine.deferred = pending_calls(*interned);

    goroutine.root = snapshot::RootId{static_cast<std::uint32_t>(out_.roots.roots.size())};
    snapshot::GcRoot& root = out_.roots.roots.emplace_back();
    root.kind = snapshot::RootKind::kGoroutine;
    root.address = goroutine.g;
    root.goroutine = static_cast<std::uint32_t>(out_.goroutines.size());
    root.first_reference = first;
    root.reference_count = static_cast<std::uint32_t>(out_.roots.references.size()) - first;
  }

  // Where unwinding begins (traceback.go, initAt).
  std::optional<RunningState> where(const snapshot::Goroutine& goroutine, AddressRange stack) {
    Address sp = load_address(g_, layout_.g.syscallsp);
    Address pc = load_address(g_, layout_.g.syscallpc);
    if (sp.is_null()) {
      if (goroutine.status == snapshot::GoroutineStatus::kRunning) {
        return find_running_state(structs_, layout_, g_, stack, input_.threads);
      }
      sp = load_address(g_, {layout_.g.sched.offset + layout_.gobuf.sp.offset, 8});
      pc = load_address(g_, {layout_.g.sched.offset + layout_.gobuf.pc.offset, 8});
    }
    if (!stack.contains(sp)) return std::nullopt;
    return RunningState{{pc, sp, FrameState::kCalling}, std::nullopt};
  }

  StackMemory read_memory(AddressRange stack, Address from) {
    StackMemory memory{stack, from.aligned_down(8), {}};
    std::uint64_t bytes = stack.end > memory.begin ? stack.end - memory.begin : 0;
    // No room is made on the word of a damaged struct.
    if (bytes > kMaxStackBytes) return memory;
    if (bytes > kLargeStackBytes && !(input_.memory.read_value<std::uint64_t>(memory.begin) &&
                                      input_.memory.read_value<std::uint64_t>(stack.end - 8))) {
      return memory;
    }
    if (bytes > buffer_.size()) buffer_.resize(static_cast<std::size_t>(bytes));
    std::span<std::byte> out = std::span(buffer_).first(static_cast<std::size_t>(bytes));
    std::size_t got = input_.memory.read_some(memory.begin, out);
    memory.bytes = out.first(got);
    return memory;
  }

  void add_roots(const snapshot::Goroutine& goroutine, const InternedStack& interned,
                 const std::optional<RunningState>& state) {
    if (goroutine.g_object) {
      snapshot::RootReference& reference = out_.roots.references.emplace_back();
      reference.target = goroutine.g_object;
      reference.boxed = g_type_;
    }
    roots_.begin(stack_memory_, interned.shown_as);
    if (!goroutine.waits_for.empty()) know_transfers();
    roots_.add_frames(walk_.frames);
    if (state && state->registers) {
      for (std::uint64_t value : *state->registers) roots_.add_word(value, 0, true);
    }
    if (state) add_words_being_moved(state->vector);
    // Whoever has one does not let go of its processor.
    if (goroutine.status == snapshot::GoroutineStatus::kRunning)
      add_records_in_hand(state ? state->start.sp : stack_memory_.begin,
                          state ? state->registers : std::nullopt);
    if (!walk_.complete) {
      ++table_.not_unwound;
      std::uint32_t last = interned.shown_as.empty() ? 0 : interned.shown_as.back();
      roots_.add_conservative({walk_.end.aligned_down(8), stack_memory_.whole.end}, last);
    }
    roots_.add_word(g_word({layout_.g.sched.offset + layout_.gobuf.ctxt.offset, 8}), 0, false);
    add_vector_registers();
    add_deferred_calls(interned);
    roots_.add_word(g_word(layout_.g._panic), 0, false);
    roots_.finish();
  }

  bool moves_words() const {
    return !walk_.frames.empty() &&
           walk_.frames.front().plan->function->role == FunctionRole::kMemmove;
  }

  // Where what is moved overlaps what it is moved to, memmove has overwritten it already
  // (runtime/memmove_amd64.s). The compiler moves nothing onto itself.
  void add_words_being_moved(const std::optional<target::VectorRegisters>& registers) {
    if (!moves_words() || !registers) return;
    for (std::uint64_t value : *registers) roots_.add_word(value, 0, true);
  }

  void add_records_in_hand(Address sp, const RecordsInHand::Registers& registers) {
    for (std::uint64_t value : records_.words_of(stack_memory_, sp, registers))
      roots_.add_word(value, 0, true);
  }

  // A value on its way into a channel mostly lies in a slot that no variable names.
  void know_transfers() {
    if (input_.frame_variables == nullptr || !layout_.hchan.elemtype.exists()) return;
    for (const WaitReader::Transfer& transfer : waits_.transfers()) {
      std::optional<std::uint64_t> type =
          structs_.value<std::uint64_t>(transfer.channel + layout_.hchan.elemtype.offset);
      std::optional<std::uint16_t> bytes =
          structs_.value<std::uint16_t>(transfer.channel + layout_.hchan.elemsize.offset);
      if (!type || !bytes) continue;
      ChannelTypes types = input_.frame_variables->channel_of(Address(*type));
      AddressRange words{transfer.element, transfer.element + *bytes};
      if (transfer.element.is_null()) words = {};
      roots_.know_transfer(transfer.channel, words, types);
    }
  }

  // Go 1.26 and later: where asyncPreempt keeps what is not on the stack (runtime/preempt_xreg.go).
  void add_vector_registers() {
    if (g_word(layout_.g.asyncSafePoint) == 0 || !layout_.g.xRegs.exists()) return;
    Address registers = load_address(g_, layout_.g.xRegs);
    std::uint64_t words[kVectorRegisterBytes / 8];
    if (registers.is_null()) return;
    if (!structs_.read(registers, std::as_writable_bytes(std::span(words)))) return;
    for (std::uint64_t value : words) roots_.add_word(value, 0, true);
  }

  void add_deferred_calls(const InternedStack& interned) {
    if (!read_deferred_calls(structs_, layout_, stack_memory_, walk_.frames,
                             load_address(g_, layout_.g._defer), deferred_)) {
      out_.diagnostics.count("lists of deferred calls not readable to their end");
    }
    std::vector<snapshot::RootReference>& references = out_.roots.references;
    std::size_t first = references.size();
    for (const DeferredWord& word : deferred_.words) {
      roots_.add_word(word.value, shown_frame(interned, word.sp), word.conservative);
    }
    for (std::size_t i = first; i < references.size(); ++i) references[i].deferred = true;
  }

  /// Under which number the frame with that stack pointer is listed; 0 if there is none.
  std::uint32_t shown_frame(const InternedStack& interned, Address sp) const {
    auto frame = std::ranges::lower_bound(walk_.frames, sp, {}, &WalkedFrame::sp);
    if (frame == walk_.frames.end() || frame->sp != sp) return 0;
    return interned.shown_as[static_cast<std::size_t>(frame - walk_.frames.begin())];
  }

  std::vector<snapshot::DeferredCalls> pending_calls(const InternedStack& interned) {
    std::vector<snapshot::DeferredCalls> calls;
    if (deferred_.pending.empty()) return calls;
    if (out_.stacks[interned.id].empty()) {
      out_.diagnostics.count("deferred calls of goroutines without frames");
      return calls;
    }
    std::map<std::pair<std::uint32_t, snapshot::StringId>, std::uint64_t> by_frame;
    for (const auto& [call, count] : deferred_.pending) {
      const Function* function = input_.functions.find(call.second);
      std::string name =
          function == nullptr ? std::string() : printed_function_name(function->name);
      by_frame[{shown_frame(interned, call.first), out_.strings.intern(name)}] += count;
    }
    for (const auto& [call, count] : by_frame) calls.push_back({call.first, call.second, count});
    return calls;
  }

  void count_diagnostics() {
    const StackRootCounts& counts = table_.counts;
    out_.diagnostics.count("goroutine stacks not unwound", table_.not_unwound);
    out_.diagnostics.count("stack frames without a pointer map", counts.frames_without_map);
    out_.diagnostics.count("live pointers on stacks to free slots", counts.exact_to_free_slots);
    out_.diagnostics.count("words on stacks that may be pointers", counts.conservative_references);
  }

  const GoroutineInput& input_;
  const RuntimeLayout& layout_;
  snapshot::Snapshot& out_;
  GoroutineTable table_;
  PagedMemory structs_;
  FramePlans plans_;
  StackInterner stacks_;
  WaitReader waits_;
  StackRoots roots_;
  RecordsInHand records_;
  snapshot::TypeId g_type_;
  std::vector<Reason> reasons_;
  std::unordered_map<std::uint64_t, StartFunction> start_functions_;
  std::unordered_map<std::uint64_t, snapshot::StackFrame> go_statements_;
  InternedStack no_stack_;

  // Of the goroutine being read; kept for their memory.
  std::vector<std::byte> g_;
  std::vector<std::byte> buffer_;
  StackMemory stack_memory_;
  Walk walk_;
  DeferredCallsOfGoroutine deferred_;
};

}  // namespace

Result<GoroutineTable> read_goroutines(const GoroutineInput& input, snapshot::Snapshot& out) {
  return GoroutineReader(input, out).read();
}

}  // namespace seep::goruntime
