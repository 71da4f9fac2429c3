#include "support/snapshot_stacks.h"

#include <sstream>
#include <vector>

namespace seep::test {
namespace {

std::string line_of(const std::string& function, const std::string& file, std::uint32_t line) {
  return function + " " + file + ":" + std::to_string(line) + "\n";
}

std::string line_of(const snapshot::Snapshot& snapshot, const snapshot::StackFrame& frame) {
  return line_of(snapshot.strings.text(frame.function), snapshot.strings.text(frame.file),
                 frame.line);
}

std::string line_of(const StackTextFrame& frame) {
  return line_of(frame.function, frame.file, frame.line);
}

std::string text_of(const std::vector<StackTextFrame>& frames) {
  std::string text;
  for (const StackTextFrame& frame : frames) text += line_of(frame);
  return text;
}

std::string state_of(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine) {
  switch (goroutine.status) {
    case snapshot::GoroutineStatus::kRunnable:
      return "runnable";
    case snapshot::GoroutineStatus::kRunning:
      return "running";
    case snapshot::GoroutineStatus::kSyscall:
      return "syscall";
    default:
      return snapshot.strings.text(goroutine.wait_reason);
  }
}

/// runtime.Stack prints 50 innermost and 50 outermost frames.
std::string shortened(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line + "\n");
  if (lines.size() > 100) lines.erase(lines.begin() + 50, lines.end() - 50);
  std::string result;
  for (const std::string& line : lines) result += line;
  return result;
}

/// Empty if they are equal.
std::string different_frames(const std::string& ours, std::vector<StackTextFrame> expected) {
  // Up to Go 1.15 it prints what the runtime inlined into functions that it shows.
  std::erase_if(expected, [](const StackTextFrame& frame) {
    return frame.function == "runtime.goparkunlock";
  });
  std::string theirs = text_of(expected);
  // Up to Go 1.20 it prints those of the 100 innermost frames that it shows.
  bool cut = expected.size() >= 90 && expected.size() < 100 && ours.starts_with(theirs);
  if (cut || shortened(ours) == theirs) return {};
  return "frames, seep:\n" + ours + "frames, Go:\n" + theirs;
}

}  // namespace

std::string stack_text_of(const snapshot::Snapshot& snapshot, snapshot::StackId stack) {
  std::string text;
  for (const snapshot::StackFrame& frame : snapshot.stacks[stack]) text += line_of(snapshot, frame);
  return text;
}

std::string difference(const snapshot::Snapshot& snapshot, const snapshot::Goroutine& goroutine,
                       const StackTextGoroutine& expected) {
  std::string text;
  if (!goroutine.unwound) text += "not unwound\n";
  if (goroutine.system) text += "taken for one of the runtime's own\n";
  std::string state = state_of(snapshot, goroutine);
  if (state != expected.state) text += "state " + state + ", Go: " + expected.state + "\n";
  text += different_frames(stack_text_of(snapshot, goroutine.stack), expected.frames);
  if (expected.created_by.function.empty()) return text;
  std::string creator = line_of(snapshot, goroutine.created_by);
  if (creator != line_of(expected.created_by)) {
    text += "created by " + creator + "Go: created by " + line_of(expected.created_by);
  }
  if (goroutine.parent_id != expected.parent_id) {
    text += "in goroutine " + std::to_string(goroutine.parent_id) +
            ", Go: " + std::to_string(expected.parent_id) + "\n";
  }
  return text;
}

}  // namespace seep::test
