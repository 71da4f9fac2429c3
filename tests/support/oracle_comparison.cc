#include "support/oracle_comparison.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <iterator>
#include <map>

namespace seep::test {
namespace {

constexpr std::size_t kShown = 8;

std::vector<DumpedObject> objects_of(const snapshot::Heap& heap) {
  std::vector<DumpedObject> objects;
  for (const snapshot::Span& span : heap.spans) {
    for (std::uint32_t i = 0; i < span.slot_count; ++i) {
      std::uint32_t id = span.first.value + i;
      bool dead = id < heap.dead_unswept.size() && heap.dead_unswept.test(id);
      if (!heap.allocated.test(id) || dead) continue;
      objects.push_back({(span.start + i * span.slot_bytes).value(), span.slot_bytes});
    }
  }
  std::sort(objects.begin(), objects.end());
  return objects;
}

bool is_past_the_slots(const snapshot::Heap& heap, const DumpedObject& object) {
  auto after = std::upper_bound(heap.spans.begin(), heap.spans.end(), object.address,
                                [](std::uint64_t address, const snapshot::Span& span) {
                                  return address < span.start.value();
                                });
  if (after == heap.spans.begin()) return false;
  const snapshot::Span& span = *(after - 1);
  return object.address < span.end().value() && object.bytes == span.slot_bytes &&
         object.address >= (span.start + span.slot_count * span.slot_bytes).value();
}

void add(Comparison& comparison, const std::string& line) {
  if (++comparison.different <= kShown) comparison.differences += line;
}

std::string text_of(const DumpedObject& object, const char* whose) {
  char line[96];
  std::snprintf(line, sizeof line, "only %s: %#" PRIx64 ", %" PRIu64 " bytes\n", whose,
                object.address, object.bytes);
  return line;
}

// runtime.Stack leaves out the runtime's own frames, and calls its panic "panic".
bool is_runtime_frame(const std::string& function) {
  return function.starts_with("runtime.") || function == "panic";
}

std::string text_of(const StackTextFrame& frame) {
  return frame.function + " " + frame.file + ":" + std::to_string(frame.line);
}

std::string text_of(const StackTextGoroutine& goroutine) {
  std::string text = "[" + goroutine.state + "]\n";
  for (const StackTextFrame& frame : goroutine.frames) {
    if (!is_runtime_frame(frame.function)) text += text_of(frame) + "\n";
  }
  return text + "created by " + text_of(goroutine.created_by) + " in " +
         std::to_string(goroutine.parent_id) + "\n";
}

StackTextFrame frame_of(const snapshot::Snapshot& seen, const snapshot::StackFrame& frame) {
  return {seen.strings.text(frame.function), seen.strings.text(frame.file), frame.line};
}

std::string state_of(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  switch (goroutine.status) {
    case snapshot::GoroutineStatus::kRunnable:
      return "runnable";
    case snapshot::GoroutineStatus::kRunning:
      return "running";
    case snapshot::GoroutineStatus::kSyscall:
      return "syscall";
    default:
      return seen.strings.text(goroutine.wait_reason);
  }
}

std::string text_of(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  StackTextGoroutine text;
  text.state = state_of(seen, goroutine);
  for (const snapshot::StackFrame& frame : seen.stacks[goroutine.stack]) {
    text.frames.push_back(frame_of(seen, frame));
  }
  text.created_by = frame_of(seen, goroutine.created_by);
  text.parent_id = goroutine.parent_id;
  return text_of(text);
}

}  // namespace

Comparison compare_objects(const snapshot::Snapshot& seen, const HeapDump& dump) {
  std::vector<DumpedObject> ours = objects_of(seen.heap);
  Comparison comparison;
  std::vector<DumpedObject> only_dumped, only_ours;
  std::ranges::set_difference(dump.objects, ours, std::back_inserter(only_dumped));
  std::ranges::set_difference(ours, dump.objects, std::back_inserter(only_ours));
  comparison.equal = ours.size() - only_ours.size();
  for (const DumpedObject& object : only_dumped) {
    if (!is_past_the_slots(seen.heap, object)) add(comparison, text_of(object, "in the dump"));
  }
  for (const DumpedObject& object : only_ours) add(comparison, text_of(object, "seen"));
  return comparison;
}

Comparison compare_goroutines(const snapshot::Snapshot& seen,
                              const std::vector<StackTextGoroutine>& expected) {
  std::map<std::uint64_t, const snapshot::Goroutine*> by_id;
  for (const snapshot::Goroutine& goroutine : seen.goroutines) {
    bool gone = goroutine.status == snapshot::GoroutineStatus::kDead ||
                goroutine.status == snapshot::GoroutineStatus::kIdle;
    if (!goroutine.system && !gone) by_id[goroutine.id] = &goroutine;
  }
  Comparison comparison;
  for (const StackTextGoroutine& wanted : expected) {
    std::string name = "goroutine " + std::to_string(wanted.id);
    auto found = by_id.find(wanted.id);
    if (found == by_id.end()) {
      add(comparison, name + " was not seen:\n" + text_of(wanted));
      continue;
    }
    std::string ours = text_of(seen, *found->second);
    bool called = wanted.state == "running";
    if (!found->second->unwound) {
      add(comparison, name + " is not unwound:\n" + text_of(wanted));
    } else if (called || ours == text_of(wanted)) {
      ++comparison.equal;
    } else {
      add(comparison, name + "\nseep:\n" + ours + "Go:\n" + text_of(wanted));
    }
    by_id.erase(found);
  }
  for (const auto& [id, goroutine] : by_id) {
    add(comparison, "goroutine " + std::to_string(id) + " is not in runtime.Stack:\n" +
                        text_of(seen, *goroutine));
  }
  return comparison;
}

}  // namespace seep::test
