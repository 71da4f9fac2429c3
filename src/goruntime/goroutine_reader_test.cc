// Goroutines of real processes against what their own runtime says of them.
#include "goruntime/goroutine_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>

#include "base/clock.h"
#include "goruntime/stopped_program_test.h"
#include "support/stack_text.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

/// A file that is removed in the end.
class TemporaryFile {
 public:
  TemporaryFile() {
    std::string pattern = std::filesystem::temp_directory_path() / "seep-stacks-XXXXXX";
    int descriptor = mkstemp(pattern.data());
    if (descriptor >= 0) close(descriptor);
    path_ = pattern;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }

  const std::string& path() const { return path_; }
  std::string text() const {
    std::stringstream all;
    all << std::ifstream(path_).rdbuf();
    return all.str();
  }

 private:
  std::string path_;
};

/// One target, stopped and read once for all checks.
struct Reading {
  snapshot::Snapshot snapshot;
  goruntime::GoroutineTable table;
  std::map<std::uint64_t, const snapshot::Goroutine*> by_id;
  std::vector<StackTextGoroutine> expected;
  std::string truth;
  double milliseconds = 0;
};

Result<std::unique_ptr<Reading>> read_target(const std::string& name, const std::string& version,
                                             std::vector<std::string> arguments) {
  std::string program = TRY(build_target(name, version));
  TemporaryFile stacks;
  arguments.push_back(stacks.path());
  TargetProcess target = TRY(TargetProcess::start(program, arguments));
  std::unique_ptr<Reading> reading = std::make_unique<Reading>();
  reading->expected = parse_stack_text(stacks.text());
  reading->truth = target.truth();
  std::unique_ptr<StoppedProgram> stopped = TRY(StoppedProgram::stop(target.pid()));
  Stopwatch time;
  reading->table = TRY(stopped->read_goroutines(reading->snapshot));
  reading->milliseconds = time.elapsed().count();
  for (const snapshot::Goroutine& goroutine : reading->snapshot.goroutines) {
    reading->by_id[goroutine.id] = &goroutine;
  }
  return reading;
}

std::string line_of(const std::string& function, const std::string& file, std::uint32_t line) {
  return function + " " + file + ":" + std::to_string(line) + "\n";
}

std::string text_of(const snapshot::Snapshot& snapshot, snapshot::StackId stack) {
  std::string text;
  for (const snapshot::StackFrame& frame : snapshot.stacks[stack]) {
    text += line_of(snapshot.strings.text(frame.function), snapshot.strings.text(frame.file),
                    frame.line);
  }
  return text;
}

std::string text_of(const std::vector<StackTextFrame>& frames) {
  std::string text;
  for (const StackTextFrame& frame : frames) {
    text += line_of(frame.function, frame.file, frame.line);
  }
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

bool has_frame(const StackTextGoroutine& goroutine, const std::string& prefix) {
  return std::ranges::any_of(goroutine.frames, [&](const StackTextFrame& frame) {
    return frame.function.starts_with(prefix);
  });
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

void expect_equal(const Reading& reading, const StackTextGoroutine& expected) {
  auto found = reading.by_id.find(expected.id);
  ASSERT_NE(found, reading.by_id.end()) << "goroutine " << expected.id << " is missing";
  const snapshot::Goroutine& goroutine = *found->second;
  SCOPED_TRACE("goroutine " + std::to_string(expected.id) + " [" + expected.state + "]");
  EXPECT_TRUE(goroutine.unwound);
  EXPECT_FALSE(goroutine.system);
  EXPECT_EQ(state_of(reading.snapshot, goroutine), expected.state);
  EXPECT_EQ(shortened(text_of(reading.snapshot, goroutine.stack)), text_of(expected.frames));
  if (!expected.created_by.function.empty()) {
    EXPECT_EQ(text_of(std::vector{expected.created_by}),
              line_of(reading.snapshot.strings.text(goroutine.created_by.function),
                      reading.snapshot.strings.text(goroutine.created_by.file),
                      goroutine.created_by.line));
    EXPECT_EQ(goroutine.parent_id, expected.parent_id);
  }
}

void expect_sound(const Reading& reading) {
  EXPECT_EQ(reading.table.not_unwound, 0u);
  EXPECT_EQ(reading.table.counts.frames_without_map, 0u);
  EXPECT_EQ(reading.table.counts.exact_to_free_slots, 0u);
  std::set<std::uint64_t> expected;
  for (const StackTextGoroutine& goroutine : reading.expected) expected.insert(goroutine.id);
  for (const snapshot::Goroutine& goroutine : reading.snapshot.goroutines) {
    EXPECT_EQ(!goroutine.system, expected.contains(goroutine.id))
        << "goroutine " << goroutine.id << "\n"
        << text_of(reading.snapshot, goroutine.stack);
  }
}

class GoroutineReaderTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineReaderTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(GoroutineReaderTest, agrees_with_runtime_stack_in_every_state) {
  Result<std::unique_ptr<Reading>> result = read_target("goroutine_states", GetParam(), {});
  ASSERT_TRUE(result) << result.error().message;
  const Reading& reading = **result;
  expect_sound(reading);
  for (const StackTextGoroutine& expected : reading.expected) {
    // What printed the stacks and what never rests has gone on since.
    if (expected.id == 1 || has_frame(expected, "main.spin")) continue;
    expect_equal(reading, expected);
  }
}

TEST_P(GoroutineReaderTest, unwinds_goroutines_that_are_on_a_processor) {
  Result<std::string> program = build_target("goroutine_states", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  TemporaryFile stacks;
  Result<TargetProcess> target = TargetProcess::start(*program, {stacks.path()});
  ASSERT_TRUE(target) << target.error().message;
  std::size_t running = 0, interrupted = 0;
  for (int stop = 0; stop < 1000 && (running < 20 || interrupted < 20); ++stop) {
    Result<std::unique_ptr<StoppedProgram>> stopped = StoppedProgram::stop(target->pid());
    ASSERT_TRUE(stopped) << stopped.error().message;
    snapshot::Snapshot snapshot;
    Result<goruntime::GoroutineTable> table = (*stopped)->read_goroutines(snapshot);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->counts.frames_without_map, 0u);
    EXPECT_EQ(table->counts.exact_to_free_slots, 0u);
    std::size_t spinning = 0;
    for (const snapshot::Goroutine& goroutine : snapshot.goroutines) {
      std::string text = text_of(snapshot, goroutine.stack);
      EXPECT_TRUE(goroutine.unwound) << text;
      bool spins = text.find("main.spin") != std::string::npos;
      if (spins) ++spinning;
      if (goroutine.status == snapshot::GoroutineStatus::kRunning) ++running;
      if (goroutine.status == snapshot::GoroutineStatus::kRunnable && spins) ++interrupted;
    }
    EXPECT_EQ(spinning, 3u);
    if (HasFailure()) break;
  }
  EXPECT_GE(running, 20u);
  EXPECT_GE(interrupted, 20u);
}

TEST_P(GoroutineReaderTest, finds_what_the_variables_of_frames_hold) {
  Result<std::unique_ptr<Reading>> result = read_target("goroutine_states", GetParam(), {});
  ASSERT_TRUE(result) << result.error().message;
  const Reading& reading = **result;
  const snapshot::Snapshot& snapshot = reading.snapshot;
  nlohmann::json truth = nlohmann::json::parse(reading.truth);
  ASSERT_GE(truth.size(), 15u);
  for (const nlohmann::json& held : truth) {
    std::string function = held["Function"];
    Address address(std::stoull(held["Address"].get<std::string>(), nullptr, 16));
    snapshot::ObjectId object = snapshot.heap.find(address);
    ASSERT_TRUE(object) << function << " " << held["Address"];
    bool found = false;
    for (const snapshot::GcRoot& root : snapshot.roots.roots) {
      if (root.kind != snapshot::RootKind::kGoroutine) continue;
      const auto& frames = snapshot.stacks[snapshot.goroutines[root.goroutine].stack];
      for (std::uint32_t i = 0; i < root.reference_count; ++i) {
        const snapshot::RootReference& reference =
            snapshot.roots.references[root.first_reference + i];
        ASSERT_TRUE(frames.empty() || reference.frame < frames.size());
        if (reference.target != object) continue;
        const std::string& name = snapshot.strings.text(frames[reference.frame].function);
        found = found || name.starts_with(function) || function == "reflect.makeFuncStub";
      }
    }
    EXPECT_TRUE(found) << function << " does not hold " << held["Address"];
  }
}

TEST_P(GoroutineReaderTest, reads_ten_thousand_goroutines_exactly) {
  Result<std::unique_ptr<Reading>> result = read_target("goroutines_10k", GetParam(), {"10000"});
  ASSERT_TRUE(result) << result.error().message;
  const Reading& reading = **result;
  expect_sound(reading);
  for (const StackTextGoroutine& expected : reading.expected) {
    if (expected.id == 1) continue;
    expect_equal(reading, expected);
    if (HasFailure()) break;
  }
  std::cout << "read in " << reading.milliseconds << " ms, spans included\n";
}

}  // namespace
}  // namespace seep::test
