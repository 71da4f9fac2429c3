// Types without debug information: a program that has it is read with it and, from the same frozen
// image, as if it were stripped. How many bytes have a type then, and is it the one that debug
// information gives them?
//
// SEEP_PID=N looks at a running program of your own, SEEP_UNTYPED=1 prints what has no type.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "graph/reachability.h"
#include "graph/reference_path.h"
#include "graph/type_inference.h"
#include "support/target_process.h"
#include "support/two_readings.h"
#include "support/untyped_groups.h"

namespace seep {
namespace {

using snapshot::ObjectId;
using snapshot::Snapshot;

unsigned long long number(std::uint64_t value) { return value; }

double percent(std::uint64_t part, std::uint64_t whole) {
  return 100.0 * static_cast<double>(part) / static_cast<double>(std::max<std::uint64_t>(whole, 1));
}

/// Bytes of reachable objects.
struct Comparison {
  std::uint64_t all = 0;
  std::uint64_t with = 0, without = 0;  ///< typed with debug information, and without
  std::uint64_t by_shape = 0;           ///< of those without
  std::uint64_t compared = 0;           ///< typed both times
  std::uint64_t coarse = 0;             ///< as one of the runtime's own structs: true, but no more
  std::uint64_t wrong = 0;
  std::map<std::string, std::uint64_t> mistakes;  ///< "what it is <- what was inferred": bytes
};

/// What the runtime allocates for a map or a channel, whose type was not to be found.
bool is_coarse(std::string_view inferred) {
  constexpr std::string_view kOfTheRuntime[] = {
      "maps.Map",      "maps.table",  "[]*maps.table",    "runtime.hmap",
      "runtime.hchan", "*maps.table", "runtime.timeTimer"};
  return std::ranges::find(kOfTheRuntime, inferred) != std::end(kOfTheRuntime);
}

Comparison compare(const test::TwoReadings& readings) {
  graph::TypeAssignment truth = graph::infer_types(readings.with);
  graph::TypeAssignment types = graph::infer_types(readings.without);
  graph::ObjectGraph graph(readings.with);
  graph::Reachability reached = graph::reachable(graph);
  Comparison made;
  for (const snapshot::Span& span : readings.with.heap.spans) {
    for (std::uint32_t i = 0; i < span.slot_count; ++i) {
      ObjectId id{span.first.value + i};
      if (!reached.reached(id)) continue;
      std::string is = graph::object_type_name(readings.with.types, truth, id);
      std::string inferred = graph::object_type_name(readings.without.types, types, id);
      made.all += span.slot_bytes;
      if (is != "?") made.with += span.slot_bytes;
      if (inferred != "?") made.without += span.slot_bytes;
      if (types.inferred.test(id.value)) made.by_shape += span.slot_bytes;
      if (is == "?" || inferred == "?") continue;
      made.compared += span.slot_bytes;
      if (is == inferred) continue;
      (is_coarse(inferred) ? made.coarse : made.wrong) += span.slot_bytes;
      made.mistakes[is + " <- " + inferred] += span.slot_bytes;
    }
  }
  return made;
}

void print_untyped(const test::TwoReadings& readings) {
  graph::TypeAssignment truth = graph::infer_types(readings.with);
  graph::TypeAssignment types = graph::infer_types(readings.without);
  std::vector<test::UntypedGroup> groups = test::untyped_groups(readings.without, types);
  for (std::size_t i = 0; i < std::min<std::size_t>(groups.size(), 40); ++i) {
    const test::UntypedGroup& group = groups[i];
    std::printf("%10llu untyped, %llu slots of %llu%s, from %s, is %s\n", number(group.bytes),
                number(group.objects), number(group.slot_bytes),
                group.pointer_free ? " without pointers" : "", group.referrer.c_str(),
                graph::object_type_name(readings.with.types, truth, group.example).c_str());
  }
}

std::string report(const std::string& name, const Comparison& made) {
  char line[400];
  std::snprintf(line, sizeof line,
                "%s: %llu bytes; with debug information %.1f %% typed, without %.1f %% (%.1f %% "
                "of them by shape), %.2f %% coarse, %.3f %% wrong\n",
                name.c_str(), number(made.all), percent(made.with, made.all),
                percent(made.without, made.all), percent(made.by_shape, made.without),
                percent(made.coarse, made.compared), percent(made.wrong, made.compared));
  std::string text = line;
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (const auto& [what, bytes] : made.mistakes) sorted.emplace_back(bytes, what);
  std::ranges::sort(sorted, std::greater<>());
  for (std::size_t i = 0; i < std::min<std::size_t>(sorted.size(), 25); ++i) {
    text += "  " + std::to_string(sorted[i].first) + " " + sorted[i].second + "\n";
  }
  return text;
}

class InferredTypesTest : public testing::TestWithParam<std::string> {
 protected:
  int minor() const { return test::minor_of(GetParam()); }

  Result<std::string> build(const std::string& name) {
    if (!test::has_go(GetParam())) return fail(ErrorKind::kNotFound, test::no_go(GetParam()));
    std::string old = test::too_old(name, GetParam());
    if (!old.empty()) return fail(ErrorKind::kNotFound, old);
    return test::build_target(name, GetParam());
  }

  void check(const std::string& name, const std::vector<std::string>& arguments) {
    Result<std::string> program = build(name);
    if (!program && program.error().kind == ErrorKind::kNotFound) {
      GTEST_SKIP() << program.error().message;
    }
    ASSERT_TRUE(program) << program.error().message;
    Result<test::TargetProcess> target = test::TargetProcess::start(*program, arguments);
    ASSERT_TRUE(target) << target.error().message;
    check_process(name, target->pid());
  }

  void check_process(const std::string& name, pid_t pid) {
    Result<test::TwoReadings> readings = test::TwoReadings::of(pid);
    ASSERT_TRUE(readings) << readings.error().message;
    Comparison made = compare(*readings);
    std::string text = report(name + " go" + GetParam(), made);
    std::printf("%s", text.substr(0, text.find('\n') + 1).c_str());
    if (std::getenv("SEEP_UNTYPED") != nullptr) {
      std::printf("%s", text.c_str());
      print_untyped(*readings);
    }
    // Object headers name types from Go 1.22 on.
    EXPECT_GE(percent(made.without, made.all), minor() >= 22 ? 85 : 60) << text;
    EXPECT_LT(percent(made.wrong, made.compared), 1) << text;
  }
};

INSTANTIATE_TEST_SUITE_P(Go, InferredTypesTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(InferredTypesTest, of_a_heap_of_everything) {
  check("heap_shapes", {"-scale", "5", "/dev/null"});
}

TEST_P(InferredTypesTest, of_small_objects) { check("small_objects", {}); }

TEST_P(InferredTypesTest, of_objects_with_pointers_at_all_places) {
  if (minor() < 24) GTEST_SKIP() << "pointer_words has weak pointers, which Go 1.24 brought";
  check("pointer_words", {});
}

TEST_P(InferredTypesTest, of_hung_goroutines) { check("hung_goroutines", {"send", "leaky"}); }

TEST_P(InferredTypesTest, of_a_service) {
  Result<std::string> program = build("demo_service");
  if (!program && program.error().kind == ErrorKind::kNotFound) {
    GTEST_SKIP() << program.error().message;
  }
  ASSERT_TRUE(program) << program.error().message;
  test::TargetProcess::Options options;
  options.wait_until_ready = false;
  Result<test::TargetProcess> service = test::TargetProcess::start(*program, {"serve"}, options);
  ASSERT_TRUE(service) << service.error().message;
  Result<std::string> greeting = service->read_line();
  ASSERT_TRUE(greeting) << greeting.error().message;
  std::string url = greeting->substr(greeting->find("http"));
  Result<test::TargetProcess> driver = test::TargetProcess::start(*program, {"drive", url, "500"});
  ASSERT_TRUE(driver) << driver.error().message;
  // Long enough for some thousand requests; no figure depends on how many there were.
  std::this_thread::sleep_for(std::chrono::seconds(3));
  driver->close_stdin();
  ASSERT_TRUE(driver->read_line());
  check_process("demo_service", service->pid());
}

TEST_P(InferredTypesTest, of_a_running_program) {
  const char* pid = std::getenv("SEEP_PID");
  if (pid == nullptr) GTEST_SKIP() << "SEEP_PID names none";
  check_process("program", std::atoi(pid));
}

}  // namespace
}  // namespace seep
