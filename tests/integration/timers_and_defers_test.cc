// Timers and deferred calls of real processes, against what the program itself knows of them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "pipeline/capture.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using nlohmann::json;
using snapshot::Timer;
using snapshot::TimerKind;

struct Reading {
  snapshot::Snapshot snapshot;
  json truth;
};

/// `lazily`: whether the runtime fills channels only when somebody looks, where it can do both.
Result<Reading> read(const std::string& version, bool lazily) {
  std::string program = TRY(build_target("timers_and_defers", version));
  TargetProcess::Options options;
  options.environment = {lazily ? "GODEBUG=asynctimerchan=0" : "GODEBUG=asynctimerchan=1"};
  TargetProcess target = TRY(TargetProcess::start(program, {}, options));
  Reading reading;
  reading.truth = json::parse(target.truth());
  reading.snapshot = TRY(pipeline::capture(target.pid(), {}));
  return reading;
}

TimerKind kind_of(const std::string& name) {
  return name == "channel"    ? TimerKind::kChannel
         : name == "function" ? TimerKind::kFunction
         : name == "sleep"    ? TimerKind::kSleep
         : name == "deadline" ? TimerKind::kDeadline
                              : TimerKind::kOther;
}

// The program may have been running for two minutes.
bool is_due_at(const Timer& timer, double seconds) {
  return timer.due_seconds <= seconds && timer.due_seconds > seconds - 120;
}

Address address_in(const json& text) {
  return Address(std::stoull(text.get<std::string>(), nullptr, 16));
}

std::vector<const Timer*> find_timers(const Reading& reading, const json& expected) {
  std::vector<const Timer*> found;
  for (const Timer& timer : reading.snapshot.timers) {
    if (timer.kind != kind_of(expected["Kind"])) continue;
    bool is_it = expected["Channel"] != ""    ? timer.argument == address_in(expected["Channel"])
                 : expected["Function"] != "" ? reading.snapshot.strings.text(timer.function) ==
                                                    expected["Function"].get<std::string>()
                                              : is_due_at(timer, expected["Due"]);
    if (is_it) found.push_back(&timer);
  }
  return found;
}

void expect_root(const snapshot::Snapshot& snapshot, const Timer& timer) {
  ASSERT_TRUE(timer.root);
  const snapshot::GcRoot& root = snapshot.roots[timer.root];
  EXPECT_EQ(root.kind, snapshot::RootKind::kTimer);
  EXPECT_EQ(root.address, timer.address);
  ASSERT_EQ(root.reference_count, 1u);
  EXPECT_EQ(snapshot.roots.references[root.first_reference].target, timer.object);
}

void expect_channel(const Reading& reading, const json& expected, const Timer& timer) {
  EXPECT_EQ(timer.capacity, 1u);
  EXPECT_EQ(timer.waiting, expected["Waiting"].get<std::uint32_t>());
  EXPECT_EQ(timer.object, reading.snapshot.heap.find(address_in(expected["Object"])));
  EXPECT_EQ(timer.argument_object, reading.snapshot.heap.find(timer.argument));
  bool on_demand = reading.truth["OnDemand"];
  EXPECT_EQ(timer.on_demand, on_demand);
  if (timer.active) {
    EXPECT_EQ(timer.held, !on_demand || timer.waiting > 0);
  }
  bool has_fired = expected["Period"] == 0.001;
  EXPECT_EQ(timer.unread_seconds.has_value(), has_fired);
  EXPECT_GE(timer.unread_seconds.value_or(0), 0);
  EXPECT_LE(timer.unread_seconds.value_or(0), 120);
  EXPECT_EQ(timer.buffered, has_fired && !on_demand ? 1u : 0u);
}

void expect_timer(const Reading& reading, const json& expected, const Timer& timer) {
  const snapshot::Snapshot& snapshot = reading.snapshot;
  EXPECT_EQ(timer.period_seconds, expected["Period"].get<double>());
  EXPECT_EQ(timer.active, !expected["Stopped"].get<bool>());
  if (timer.active) {
    EXPECT_TRUE(is_due_at(timer, expected["Due"])) << timer.due_seconds;
  }
  if (expected["Channel"] != "") expect_channel(reading, expected, timer);
  if (timer.kind == TimerKind::kSleep) {
    EXPECT_NE(timer.goroutine, 0u);
    EXPECT_TRUE(timer.argument_object);
  }
  // Those of files lie beside the runtime's records of files.
  EXPECT_EQ(timer.object.is_none(), timer.kind == TimerKind::kDeadline);
  if (!expected["Garbage"].get<bool>() && timer.kind != TimerKind::kChannel) {
    EXPECT_TRUE(timer.held);
  }
  if (timer.held && timer.object) {
    expect_root(snapshot, timer);
  } else {
    EXPECT_FALSE(timer.root);
  }
}

void expect_timers(const Reading& reading) {
  bool on_demand = reading.truth["OnDemand"];
  for (const json& expected : reading.truth["Timers"]) {
    SCOPED_TRACE(expected["Name"].get<std::string>());
    std::vector<const Timer*> found = find_timers(reading, expected);
    for (const Timer* timer : found) expect_timer(reading, expected, *timer);
    std::size_t count = expected["Count"];
    if (expected["Garbage"] && on_demand) {
      EXPECT_LE(found.size(), count);  // less what the collector has found already
    } else if (expected["Stopped"] && !on_demand) {
      EXPECT_LE(found.size(), count);  // less what the runtime has taken out of its list already
    } else {
      EXPECT_EQ(found.size(), count);
    }
  }
  for (const auto& [what, count] : reading.snapshot.diagnostics.counts()) {
    EXPECT_EQ(what.find("timers"), std::string::npos) << what << " " << count;
  }
}

class TimersTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  }
};
INSTANTIATE_TEST_SUITE_P(Go, TimersTest, testing::ValuesIn(go_shape_versions()), VersionName());

TEST_P(TimersTest, are_told_as_the_program_knows_them) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  expect_timers(*reading);
}

TEST_P(TimersTest, whose_channels_are_filled_unasked_are_told_too) {
  int minor = std::atoi(GetParam().substr(GetParam().find('.') + 1).c_str());
  if (minor < 23 || minor > 26) GTEST_SKIP() << "Go 1.23 to 1.26 can do both";
  Result<Reading> reading = read(GetParam(), false);
  ASSERT_TRUE(reading) << reading.error().message;
  expect_timers(*reading);
}

/// Everything that roots reach, by the plainest of searches.
Bitmap reachable_from_roots(const snapshot::Snapshot& seen) {
  Bitmap reached(std::size_t{seen.heap.slot_count} + 1);
  std::vector<snapshot::ObjectId> open;
  auto visit = [&](snapshot::ObjectId id) {
    if (seen.heap.is_object(id) && reached.set_if_clear(id.value)) open.push_back(id);
  };
  for (const snapshot::RootReference& reference : seen.roots.references) visit(reference.target);
  while (!open.empty()) {
    snapshot::ObjectId id = open.back();
    open.pop_back();
    seen.heap.for_each_reference(
        id, [&](const snapshot::Reference& reference) { visit(reference.target); });
  }
  return reached;
}

// Channel timers of time.After that nobody waits for are garbage where the runtime has them on
// demand; nothing else that a timer acts on is.
TEST_P(TimersTest, keep_what_they_act_on_while_the_runtime_has_them) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  Bitmap reached = reachable_from_roots(reading->snapshot);
  std::size_t held = 0;
  for (const Timer& timer : reading->snapshot.timers) {
    bool forgotten = timer.kind == TimerKind::kChannel && is_due_at(timer, 36000);
    bool expected = timer.held || !forgotten;
    if (timer.object) {
      EXPECT_EQ(reached.test(timer.object.value), expected);
      held += timer.held ? 1 : 0;
    }
    if (timer.argument_object) {
      EXPECT_EQ(reached.test(timer.argument_object.value), expected);
    }
  }
  EXPECT_GE(held, 11u);
}

// A timer has a root of its own; what the runtime finds it by says nothing about who holds it.
TEST_P(TimersTest, are_not_held_by_the_lists_of_the_runtime) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  const snapshot::Heap& heap = reading->snapshot.heap;
  std::set<snapshot::ObjectId> timers;
  for (const Timer& timer : reading->snapshot.timers) {
    if (timer.object) timers.insert(timer.object);
  }
  EXPECT_GE(timers.size(), 11u);
  Bitmap reached = reachable_from_roots(reading->snapshot);
  std::size_t holders = 0;
  for (std::uint32_t id = 1; id <= heap.slot_count; ++id) {
    if (!reached.test(id)) continue;  // what a list was before it grew
    std::size_t held = 0;
    heap.for_each_reference(snapshot::ObjectId{id}, [&](const snapshot::Reference& reference) {
      held += timers.contains(reference.target) ? 1 : 0;
    });
    holders += held >= 3 ? 1 : 0;
  }
  EXPECT_EQ(holders, 2u);  // the program's own two slices
}

using Deferred = std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t>;

// Go 1.17 and later wrap a call with arguments into a function without; its name has changed often.
std::string callee_name(const std::string& frame, const std::string& name) {
  bool has_arguments = name == "main.withText" || name == "main.(*file).close" ||
                       name.find("dwrap") != std::string::npos ||
                       name.find("deferwrap") != std::string::npos ||
                       (name.starts_with(frame + ".func") && frame != "main.withClosures");
  return has_arguments ? "with arguments" : name;
}

Deferred deferred_calls(const Reading& reading) {
  const snapshot::Snapshot& snapshot = reading.snapshot;
  auto is_told = [&](const std::string& start) {
    return std::ranges::any_of(reading.truth["Deferred"],
                               [&](const json& calls) { return calls["Goroutine"] == start; });
  };
  Deferred all;
  for (const snapshot::Goroutine& goroutine : snapshot.goroutines) {
    std::string start = snapshot.strings.text(goroutine.start_function);
    if (!is_told(start)) continue;
    const std::vector<snapshot::StackFrame>& frames = snapshot.stacks[goroutine.stack];
    for (const snapshot::DeferredCalls& calls : goroutine.deferred) {
      std::string frame = snapshot.strings.text(frames[calls.frame].function);
      std::string callee = callee_name(frame, snapshot.strings.text(calls.function));
      all[{start, frame, callee}] += calls.count;
    }
  }
  return all;
}

TEST_P(TimersTest, deferred_calls_are_counted_by_frame_and_function) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  Deferred expected;
  for (const json& calls : reading->truth["Deferred"]) {
    expected[{calls["Goroutine"], calls["Function"], calls["Callee"]}] +=
        calls["Count"].get<std::uint64_t>();
  }
  EXPECT_EQ(deferred_calls(*reading), expected);
}

TEST_P(TimersTest, what_only_frames_and_deferred_calls_keep_is_reachable) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  Bitmap reached = reachable_from_roots(reading->snapshot);
  EXPECT_EQ(reading->truth["Held"].size(), 40u);
  for (const json& held : reading->truth["Held"]) {
    snapshot::ObjectId object = reading->snapshot.heap.find(address_in(held["Address"]));
    ASSERT_TRUE(reading->snapshot.heap.is_object(object)) << held;
    EXPECT_TRUE(reached.test(object.value)) << held;
  }
}

// Such words have a map only once the call has set its results (runtime/stkframe.go,
// argMapInternal).
TEST_P(TimersTest, what_lies_where_results_will_be_is_not_reachable) {
  Result<Reading> reading = read(GetParam(), true);
  ASSERT_TRUE(reading) << reading.error().message;
  Bitmap reached = reachable_from_roots(reading->snapshot);
  std::size_t reachable = 0;
  for (const json& forgotten : reading->truth["Forgotten"]) {
    snapshot::ObjectId object = reading->snapshot.heap.find(address_in(forgotten));
    reachable += reading->snapshot.heap.is_object(object) && reached.test(object.value) ? 1 : 0;
  }
  EXPECT_EQ(reachable, 0u);
  EXPECT_EQ(reading->truth["Forgotten"].size(), 20u);
}

}  // namespace
}  // namespace seep::test
