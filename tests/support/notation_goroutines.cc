// Statements about goroutines and their stacks.
#include <algorithm>
#include <utility>

#include "support/notation_parser.h"

namespace seep::test {

using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::ObjectId;
using snapshot::RootId;
using snapshot::RootKind;
using snapshot::StackFrame;
using snapshot::StackId;
using snapshot::WaitKind;

namespace {

struct WaitWord {
  std::string_view word;
  WaitKind kind;
  const char* reason;
};

constexpr WaitWord kWaitWords[] = {
    {"chan", WaitKind::kChannel, "chan receive"},
    {"send", WaitKind::kChannel, "chan send"},
    {"select", WaitKind::kSelect, "select"},
    {"mutex", WaitKind::kMutex, "sync.Mutex.Lock"},
    {"cond", WaitKind::kCondition, "sync.Cond.Wait"},
    {"waitgroup", WaitKind::kWaitGroup, "sync.WaitGroup.Wait"},
    {"never", WaitKind::kNever, "chan receive (nil chan)"},
    {"sleep", WaitKind::kOther, "sleep"},
    {"io", WaitKind::kOther, "IO wait"},
};

constexpr std::pair<std::string_view, GoroutineStatus> kStates[] = {
    {"running", GoroutineStatus::kRunning}, {"runnable", GoroutineStatus::kRunnable},
    {"syscall", GoroutineStatus::kSyscall}, {"idle", GoroutineStatus::kIdle},
    {"dead", GoroutineStatus::kDead},       {"waiting", GoroutineStatus::kWaiting},
};

}  // namespace

Result<StackFrame> NotationParser::frame(std::string_view text) {
  StackFrame frame;
  std::size_t at = text.find('@');
  frame.function = snapshot().strings.intern(text.substr(0, at));
  if (at == std::string_view::npos) return frame;
  std::size_t colon = text.rfind(':');
  std::optional<std::uint64_t> line =
      colon == std::string_view::npos ? std::nullopt : parse_number(text.substr(colon + 1));
  if (!line || colon < at) return wrong("a frame is FUNCTION@FILE:LINE");
  frame.file = snapshot().strings.intern(text.substr(at + 1, colon - at - 1));
  frame.line = static_cast<std::uint32_t>(*line);
  return frame;
}

StackId NotationParser::add_stack(std::vector<StackFrame> frames) {
  std::vector<std::vector<StackFrame>>& stacks = snapshot().stacks.stacks;
  auto found = std::find(stacks.begin(), stacks.end(), frames);
  if (found != stacks.end()) return {static_cast<std::uint32_t>(found - stacks.begin())};
  stacks.push_back(std::move(frames));
  return {static_cast<std::uint32_t>(stacks.size() - 1)};
}

Result<void> NotationParser::wait_for(Words& words, Goroutine& goroutine) {
  std::string_view word = words.next();
  const WaitWord* found = std::find_if(std::begin(kWaitWords), std::end(kWaitWords),
                                       [&](const WaitWord& w) { return w.word == word; });
  if (found == std::end(kWaitWords)) return wrong("unknown kind of wait " + std::string(word));
  goroutine.wait_kind = found->kind;
  goroutine.wait_reason = snapshot().strings.intern(found->reason);
  std::string what = words.until_attribute();
  for (std::string_view piece : split_outside_brackets(what, ',')) {
    if (piece == "outside") {
      goroutine.waits_for.push_back({Address(0x5b0000), {}});
      continue;
    }
    Target to = TRY(target(piece));
    // The address is filled in when the object has one.
    goroutine.waits_for.push_back({Address(to.inside), to.object});
  }
  return {};
}

Result<void> NotationParser::goroutine_attribute(Words& words, Goroutine& goroutine,
                                                 std::vector<StackFrame>& frames) {
  std::string_view word = words.next();
  if (word == "system" || word == "cut") {
    (word == "system" ? goroutine.system : goroutine.unwound) = word == "system";
    return {};
  }
  std::string_view value = words.next();
  if (word == "in") {
    frames.push_back(TRY(frame(value)));
    return {};
  }
  if (word == "by") {
    goroutine.created_by = TRY(frame(value));
    return {};
  }
  if (word == "for" && value.ends_with("s")) value.remove_suffix(1);
  std::optional<std::uint64_t> number = parse_number(value);
  if (!number) return wrong("not an attribute of a goroutine: " + std::string(word));
  if (word == "parent") goroutine.parent_id = *number;
  if (word == "for") goroutine.wait_seconds = static_cast<double>(*number);
  if (word == "stack") goroutine.stack_bytes = *number;
  return {};
}

Result<void> NotationParser::goroutine_statement(std::string_view head, std::string_view targets) {
  Words words(head);
  Goroutine goroutine;
  std::optional<std::uint64_t> id = parse_number(words.next());
  if (!id) return wrong("a goroutine has a number");
  goroutine.id = *id;
  goroutine.stack_bytes = 8192;
  std::string_view state = words.next();
  const auto* found = std::find_if(std::begin(kStates), std::end(kStates),
                                   [&](const auto& entry) { return entry.first == state; });
  if (found == std::end(kStates)) return wrong("unknown state " + std::string(state));
  goroutine.status = found->second;
  if (goroutine.status == GoroutineStatus::kWaiting) TRY(wait_for(words, goroutine));
  std::vector<StackFrame> frames;
  while (!words.empty()) TRY(goroutine_attribute(words, goroutine, frames));
  if (!frames.empty()) goroutine.start_function = frames.back().function;
  goroutine.stack = add_stack(std::move(frames));

  GcRoot root;
  root.kind = RootKind::kGoroutine;
  root.goroutine = static_cast<std::uint32_t>(snapshot().goroutines.size());
  TRY(add_root(root, "goroutine " + std::to_string(*id), targets));
  goroutine.root = RootId{snapshot().roots.count()};
  goroutine.g = snapshot().roots[goroutine.root].address;
  snapshot().goroutines.push_back(std::move(goroutine));
  return {};
}

Result<void> NotationParser::sample_statement(std::string_view text) {
  Words words(text);
  ObjectId id = TRY(object(words.until_attribute()));
  std::vector<StackFrame> frames;
  while (!words.empty()) {
    if (words.next() != "in") return wrong("expected: sample OBJECT in FUNCTION ...");
    frames.push_back(TRY(frame(words.next())));
  }
  StackId stack = add_stack(std::move(frames));
  std::uint64_t bytes = objects_[id.value].bytes;
  std::vector<snapshot::AllocationSite>& sites = snapshot().allocation_sites;
  auto site = std::find_if(sites.begin(), sites.end(), [&](const snapshot::AllocationSite& s) {
    return s.stack == stack && s.object_bytes == bytes;
  });
  if (site == sites.end()) site = sites.insert(sites.end(), {stack, bytes, 0, 0});
  ++site->allocations;
  snapshot().allocation_sample_rate = 512 << 10;
  snapshot().heap.samples.push_back({id, static_cast<std::uint32_t>(site - sites.begin())});
  return {};
}

}  // namespace seep::test
