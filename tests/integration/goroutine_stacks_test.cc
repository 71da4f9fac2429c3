// Every goroutine of a program with 10,000 of them, against runtime.Stack(all) at the same point:
// state, frames with file and line, inlined calls, creator.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "pipeline/capture.h"
#include "support/stack_text.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

/// A way to build goroutines_10k.
struct Variant {
  std::string name;
  std::string go;
  BuildOptions build;
};

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const std::string& go : go_versions()) {
    all.push_back({"plain", go, {}});
    all.push_back({"unoptimised", go, {{"-gcflags=all=-N -l"}, {}}});
    all.push_back({"pie", go, {{"-buildmode=pie"}, {}}});
  }
  return all;
}

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class GoroutineStacksTest : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineStacksTest, testing::ValuesIn(variants()),
                         [](const auto& parameter) {
                           testing::TestParamInfo<std::string> go(parameter.param.go, 0);
                           return VersionName()(go) + "_" + parameter.param.name;
                         });

/// runtime.Stack leaves out the runtime's own frames, and calls its panic "panic".
bool is_runtime_frame(const std::string& function) {
  return function.starts_with("runtime.") || function == "panic";
}

std::string text_of(const StackTextFrame& frame) {
  return frame.function + " " + frame.file + ":" + std::to_string(frame.line);
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

/// Goroutine as lines: state, frames, creator. Two that are equal have equal text.
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

StackTextGoroutine as_text(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  StackTextGoroutine text;
  text.id = goroutine.id;
  text.state = state_of(seen, goroutine);
  for (const snapshot::StackFrame& frame : seen.stacks[goroutine.stack]) {
    text.frames.push_back(frame_of(seen, frame));
  }
  text.created_by = frame_of(seen, goroutine.created_by);
  text.parent_id = goroutine.parent_id;
  return text;
}

TEST_P(GoroutineStacksTest, equal_runtime_stack_for_10000_mixed_goroutines) {
  const Variant& variant = GetParam();
  if (!has_go(variant.go)) GTEST_SKIP() << no_go(variant.go);
  Result<std::string> program = build_target("goroutines_10k", variant.go, variant.build);
  ASSERT_TRUE(program) << program.error().message;
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("seep-stacks-" + std::to_string(getpid()) + ".txt");
  Result<TargetProcess> target = TargetProcess::start(*program, {"10000", file});
  ASSERT_TRUE(target) << target.error().message;
  std::ifstream stream(file);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  std::filesystem::remove(file);
  std::vector<StackTextGoroutine> expected = parse_stack_text(text);
  ASSERT_GT(expected.size(), 10000u);

  Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
  ASSERT_TRUE(seen) << seen.error().message;
  std::map<std::uint64_t, const snapshot::Goroutine*> by_id;
  for (const snapshot::Goroutine& goroutine : seen->goroutines) {
    bool gone = goroutine.status == snapshot::GoroutineStatus::kDead ||
                goroutine.status == snapshot::GoroutineStatus::kIdle;
    if (!goroutine.system && !gone) by_id[goroutine.id] = &goroutine;
  }
  std::size_t equal = 0;
  std::size_t different = 0;
  for (const StackTextGoroutine& wanted : expected) {
    auto found = by_id.find(wanted.id);
    ASSERT_NE(found, by_id.end()) << "goroutine " << wanted.id << " was not seen";
    const snapshot::Goroutine& goroutine = *found->second;
    EXPECT_TRUE(goroutine.unwound) << wanted.id;
    // Goroutine 1 moved on from writing the text to waiting for the next command.
    if (wanted.id != 1) {
      std::string ours = text_of(as_text(*seen, goroutine));
      std::string theirs = text_of(wanted);
      if (ours == theirs) {
        ++equal;
      } else if (++different <= 5) {
        ADD_FAILURE() << "goroutine " << wanted.id << "\nseep:\n" << ours << "Go:\n" << theirs;
      }
    }
    by_id.erase(found);
  }
  EXPECT_EQ(different, 0u);
  for (const auto& [id, goroutine] : by_id) {
    ADD_FAILURE() << "goroutine " << id
                  << " is not in runtime.Stack: " << text_of(as_text(*seen, *goroutine));
  }
  std::printf("%zu goroutines equal\n", equal);
}

}  // namespace
}  // namespace seep::test
