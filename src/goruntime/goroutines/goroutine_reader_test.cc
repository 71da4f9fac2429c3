// Goroutines of real processes against what their own runtime says of them.
#include "goruntime/goroutines/goroutine_reader.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <utility>

#include "goruntime/code/dwarf_frame_variables.h"
#include "goruntime/stopped_program_test.h"
#include "support/build_flavour.h"
#include "support/patched_memory.h"
#include "support/snapshot_stacks.h"
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
  reading->table = TRY(stopped->read_goroutines(reading->snapshot));
  for (const snapshot::Goroutine& goroutine : reading->snapshot.goroutines) {
    reading->by_id[goroutine.id] = &goroutine;
  }
  return reading;
}

bool has_frame(const StackTextGoroutine& goroutine, const std::string& prefix) {
  return std::ranges::any_of(goroutine.frames, [&](const StackTextFrame& frame) {
    return frame.function.starts_with(prefix);
  });
}

void expect_equal(const Reading& reading, const StackTextGoroutine& expected) {
  auto found = reading.by_id.find(expected.id);
  ASSERT_NE(found, reading.by_id.end()) << "goroutine " << expected.id << " is missing";
  EXPECT_EQ(difference(reading.snapshot, *found->second, expected), "")
      << "goroutine " << expected.id << " [" << expected.state << "]";
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
        << stack_text_of(reading.snapshot, goroutine.stack);
  }
}

class GoroutineReaderTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineReaderTest, testing::ValuesIn(go_versions()), VersionName());

/// The quick ones, which run on a release of each shape of the runtime.
class GoroutineShapesTest : public GoroutineReaderTest {};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineShapesTest, testing::ValuesIn(go_shape_versions()),
                         VersionName());

TEST_P(GoroutineShapesTest, agrees_with_runtime_stack_in_every_state) {
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
  std::string too_old = test::too_old("goroutine_states/spin", GetParam());
  if (!too_old.empty()) GTEST_SKIP() << too_old;
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
      std::string text = stack_text_of(snapshot, goroutine.stack);
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

/// The reference to the object from a frame of that function; null if there is none.
const snapshot::RootReference* find_reference(const snapshot::Snapshot& snapshot,
                                              snapshot::ObjectId object,
                                              const std::string& function,
                                              const std::string& variable) {
  const snapshot::RootReference* best = nullptr;
  for (const snapshot::GcRoot& root : snapshot.roots.roots) {
    if (root.kind != snapshot::RootKind::kGoroutine) continue;
    const auto& frames = snapshot.stacks[snapshot.goroutines[root.goroutine].stack];
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      const snapshot::RootReference& reference =
          snapshot.roots.references[root.first_reference + i];
      EXPECT_TRUE(frames.empty() || reference.frame < frames.size());
      if (reference.target != object) continue;
      const std::string& name = snapshot.strings.text(frames[reference.frame].function);
      if (!name.starts_with(function) && function != "reflect.makeFuncStub") continue;
      bool named = snapshot.strings.text(reference.name) == variable;
      if (best == nullptr || named) best = &reference;
    }
  }
  return best;
}

/// A variable whose place the compiler does not tell while its goroutine waits, although the value
/// lives on in a slot.
bool is_unrecorded(const std::string& version, const std::string& function) {
  int minor = std::atoi(version.substr(version.find('.') + 1).c_str());
  return (minor <= 15 && function == "main.lockMutex") ||
         (minor == 17 && function == "main.chanSendWithWaiters");
}

TEST_P(GoroutineShapesTest, finds_what_the_variables_of_frames_hold_by_name) {
  std::string stripped = no_debug_information();
  if (!stripped.empty()) GTEST_SKIP() << stripped;
  Result<std::string> program = build_target("goroutine_states", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  TemporaryFile stacks;
  Result<TargetProcess> target = TargetProcess::start(*program, {stacks.path()});
  ASSERT_TRUE(target) << target.error().message;
  Result<std::unique_ptr<StoppedProgram>> stopped = StoppedProgram::stop(target->pid());
  ASSERT_TRUE(stopped) << stopped.error().message;
  snapshot::Snapshot snapshot;
  const goruntime::GoProgram& go_program = (*stopped)->program();
  goruntime::TypeReader types({.memory = &(*stopped)->memory(),
                               .modules = &(*stopped)->modules(),
                               .layout = &(*stopped)->layout(),
                               .dwarf = &*go_program.dwarf,
                               .slide = go_program.slide(),
                               .function_name = [](Address) { return std::string(); }},
                              snapshot.types, snapshot.diagnostics);
  goruntime::DwarfFrameVariables variables(
      (*stopped)->modules(), goruntime::names_of_modules(go_program, (*stopped)->modules()), types,
      snapshot.strings);
  ASSERT_TRUE((*stopped)->read_goroutines(snapshot, &variables));

  nlohmann::json truth = nlohmann::json::parse(target->truth());
  ASSERT_GE(truth.size(), 12u);
  for (const nlohmann::json& held : truth) {
    std::string function = held["Function"], variable = held["Variable"];
    SCOPED_TRACE(function + " " + variable);
    Address address(std::stoull(held["Address"].get<std::string>(), nullptr, 16));
    snapshot::ObjectId object = snapshot.heap.find(address);
    ASSERT_TRUE(object);
    const snapshot::RootReference* reference = find_reference(snapshot, object, function, variable);
    ASSERT_NE(reference, nullptr);
    if (variable.empty() || reference->conservative) continue;
    if (is_unrecorded(GetParam(), function)) continue;
    EXPECT_EQ(snapshot.strings.text(reference->name), variable);
    EXPECT_TRUE(reference->type);
  }
}

TEST_P(GoroutineReaderTest, unwinds_goroutines_stopped_at_any_instant) {
  Result<std::string> program = build_target("goroutine_churn", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  std::uint64_t goroutines = 0, not_unwound = 0;
  for (int stop = 0; stop < 100; ++stop) {
    Result<std::unique_ptr<StoppedProgram>> stopped = StoppedProgram::stop(target->pid());
    ASSERT_TRUE(stopped) << stopped.error().message;
    snapshot::Snapshot snapshot;
    Result<goruntime::GoroutineTable> table = (*stopped)->read_goroutines(snapshot);
    ASSERT_TRUE(table) << table.error().message;
    EXPECT_EQ(table->counts.exact_to_free_slots, 0u);
    EXPECT_EQ(table->counts.frames_without_map, 0u);
    goroutines += snapshot.goroutines.size();
    not_unwound += table->not_unwound;
  }
  EXPECT_LE(not_unwound * 1000, goroutines);
}

const snapshot::Goroutine* find_goroutine(const Reading& reading, const std::string& function) {
  for (const snapshot::Goroutine& goroutine : reading.snapshot.goroutines) {
    if (stack_text_of(reading.snapshot, goroutine.stack).find(function + " ") !=
        std::string::npos) {
      return &goroutine;
    }
  }
  return nullptr;
}

TEST_P(GoroutineShapesTest, tells_what_each_goroutine_waits_for) {
  Result<std::unique_ptr<Reading>> result = read_target("goroutine_states", GetParam(), {});
  ASSERT_TRUE(result) << result.error().message;
  const Reading& reading = **result;
  using Kind = snapshot::WaitKind;
  struct Expected {
    const char* function;
    Kind kind;
    std::size_t objects;
  };
  for (const Expected& expected : {Expected{"main.chanReceive", Kind::kChannel, 1},
                                   {"main.chanSend", Kind::kChannel, 1},
                                   {"main.receiveNil", Kind::kNever, 0},
                                   {"main.sendNil", Kind::kNever, 0},
                                   {"main.selectNone", Kind::kNever, 0},
                                   {"main.selectSome", Kind::kSelect, 3},
                                   {"main.lockMutex", Kind::kMutex, 1},
                                   {"main.readLock", Kind::kMutex, 1},
                                   {"main.writeLock", Kind::kMutex, 1},
                                   {"main.waitCondition", Kind::kCondition, 1},
                                   {"main.waitGroup", Kind::kWaitGroup, 1},
                                   {"main.networkRead", Kind::kOther, 0},
                                   {"main.inSystemCall", Kind::kNone, 0},
                                   {"time.Sleep", Kind::kOther, 0}}) {
    SCOPED_TRACE(expected.function);
    const snapshot::Goroutine* goroutine = find_goroutine(reading, expected.function);
    ASSERT_NE(goroutine, nullptr);
    EXPECT_EQ(goroutine->wait_kind, expected.kind);
    EXPECT_EQ(goroutine->waits_for.size(), expected.objects);
    for (const snapshot::WaitObject& object : goroutine->waits_for) EXPECT_TRUE(object.object);
  }
  for (const nlohmann::json& held : nlohmann::json::parse(reading.truth)) {
    std::string function = held["Function"];
    if (function != "main.chanSendWithWaiters" && function != "main.lockMutex") continue;
    Address address(std::stoull(held["Address"].get<std::string>(), nullptr, 16));
    const snapshot::Goroutine* goroutine = find_goroutine(reading, function);
    ASSERT_NE(goroutine, nullptr) << function;
    ASSERT_EQ(goroutine->waits_for.size(), 1u);
    EXPECT_EQ(goroutine->waits_for[0].object, reading.snapshot.heap.find(address)) << function;
  }
}

/// For the channel that the goroutine waits for.
bool has_many_waiters(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  auto waits_for_the_same = [&](const snapshot::Goroutine& other) {
    return other.waits_for.size() == 1 &&
           other.waits_for[0].address == goroutine.waits_for[0].address;
  };
  return goroutine.waits_for.size() == 1 &&
         std::ranges::count_if(seen.goroutines, waits_for_the_same) > 1;
}

// Whoever wakes has unlocked the channel, and need not have it any more.
TEST_P(GoroutineShapesTest, who_was_taken_from_a_queue_waits_for_nothing_any_more) {
  Result<std::string> program = build_target("goroutine_states", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {"/dev/null"});
  ASSERT_TRUE(target) << target.error().message;
  Result<std::unique_ptr<StoppedProgram>> stopped = StoppedProgram::stop(target->pid());
  ASSERT_TRUE(stopped) << stopped.error().message;
  snapshot::Snapshot before;
  ASSERT_TRUE((*stopped)->read_goroutines(before));

  PatchedMemory patched((*stopped)->memory());
  const auto& channel = (*stopped)->layout().hchan;
  auto waits_for_channel = [](const snapshot::Goroutine& goroutine) {
    return goroutine.wait_kind == snapshot::WaitKind::kChannel ||
           goroutine.wait_kind == snapshot::WaitKind::kSelect;
  };
  for (const snapshot::Goroutine& goroutine : before.goroutines) {
    if (!waits_for_channel(goroutine)) continue;
    for (const snapshot::WaitObject& wait : goroutine.waits_for) {
      patched.patch(wait.address + channel.recvq.offset, 0, 8);
      patched.patch(wait.address + channel.sendq.offset, 0, 8);
    }
  }
  snapshot::Snapshot after;
  ASSERT_TRUE((*stopped)->read_goroutines_of(patched, after));
  ASSERT_EQ(after.goroutines.size(), before.goroutines.size());
  EXPECT_GE(std::ranges::count_if(before.goroutines, waits_for_channel), 3);
  // Those behind the first in a queue are there still.
  for (const snapshot::Goroutine& goroutine : after.goroutines) {
    bool still_waits = waits_for_channel(goroutine);
    EXPECT_TRUE(!still_waits || has_many_waiters(before, goroutine)) << goroutine.id;
  }
}

TEST_P(GoroutineShapesTest, lists_the_words_that_goroutines_stand_for_once_and_in_order) {
  Result<std::unique_ptr<Reading>> result = read_target("goroutine_states", GetParam(), {});
  ASSERT_TRUE(result) << result.error().message;
  const std::vector<AddressRange>& words = (*result)->table.words_to_skip;
  ASSERT_GT(words.size(), 60u);
  for (std::size_t i = 0; i < words.size(); ++i) {
    EXPECT_GT(words[i].size(), 0u);
    if (i > 0) {
      EXPECT_GE(words[i].begin, words[i - 1].end);
    }
  }
}

/// Memory in which one byte of so many is another one, but for the ranges that are spared.
class DamagedMemory final : public target::MemoryReader {
 public:
  DamagedMemory(const target::MemoryReader& whole, std::uint64_t seed, std::uint64_t one_of,
                std::vector<AddressRange> spared)
      : whole_(whole), seed_(seed), one_of_(one_of), spared_(std::move(spared)) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t count = whole_.read_some(address, out);
    for (std::size_t i = 0; i < count; ++i) {
      std::uint64_t hash = ((address.value() + i) ^ seed_) * 0x9e3779b97f4a7c15;
      hash = (hash ^ (hash >> 32)) * 0xd6e8feb86659fd93;
      bool is_spared = std::ranges::any_of(
          spared_, [&](AddressRange range) { return range.contains(address + i); });
      if (hash % one_of_ == 0 && !is_spared) out[i] ^= static_cast<std::byte>(hash >> 56);
    }
    return count;
  }

 private:
  const target::MemoryReader& whole_;
  std::uint64_t seed_, one_of_;
  std::vector<AddressRange> spared_;
};

TEST_P(GoroutineReaderTest, survives_damaged_memory) {
  Result<std::string> program = build_target("goroutine_states", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  TemporaryFile stacks;
  Result<TargetProcess> target = TargetProcess::start(*program, {stacks.path()});
  ASSERT_TRUE(target) << target.error().message;
  Result<std::unique_ptr<StoppedProgram>> stopped = StoppedProgram::stop(target->pid());
  ASSERT_TRUE(stopped) << stopped.error().message;
  snapshot::Snapshot sound;
  ASSERT_TRUE((*stopped)->read_goroutines(sound));
  Result<snapshot::ObjectIndex> index = snapshot::ObjectIndex::build(sound.heap.spans);
  ASSERT_TRUE(index) << index.error().message;
  std::size_t read = 0;
  // Damage in the list of entries is noticed at once, and without goroutines there is nothing to
  // do.
  const goruntime::ModuleData& module = (*stopped)->modules().front();
  Address allgs = (*stopped)->variables().allgs;
  std::vector<AddressRange> spared = {{module.ftab, module.ftab + 16 * module.ftab_entries},
                                      {allgs, allgs + 24}};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    DamagedMemory memory((*stopped)->memory(), seed, 20 + seed * seed * 10, spared);
    Result<goruntime::FunctionTable> functions =
        goruntime::FunctionTable::build(memory, (*stopped)->layout(), (*stopped)->modules());
    ASSERT_TRUE(functions) << functions.error().message;
    snapshot::Snapshot snapshot;
    Result<goruntime::GoroutineTable> table =
        goruntime::read_goroutines({.memory = memory,
                                    .layout = (*stopped)->layout(),
                                    .variables = (*stopped)->variables(),
                                    .functions = *functions,
                                    .index = *index},
                                   snapshot);
    if (table) ++read;
  }
  EXPECT_EQ(read, 60u);
}

}  // namespace
}  // namespace seep::test
