// What wakes a goroutine is a root at each instant: also while it is in nobody's variables, as it
// is taken from one to another, or while the runtime has it in its hands. SEEP_LOOKS sets how often
// each program is looked at.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "analysis/leaked_goroutines.h"
#include "graph/object_graph.h"
#include "pipeline/capture.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

constexpr int kLooks = 8;
constexpr std::chrono::seconds kOneLook{5};  // they take 20 ms, but other tests may run, too

class InMotionTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, InMotionTest, testing::ValuesIn(go_versions()), VersionName());

/// Who is said to hang by the instant alone, that is without who has gone on since: where each was
/// started.
std::vector<std::string> said_to_hang(snapshot::Snapshot& seen) {
  for (snapshot::Goroutine& goroutine : seen.goroutines) goroutine.went_on = false;
  graph::ObjectGraph graph(seen);
  analysis::LeakedGoroutines leaked = analysis::find_leaked_goroutines(graph);
  std::vector<std::string> places;
  for (std::size_t i = 0; i < seen.goroutines.size(); ++i) {
    if (!leaked.never_runs_again.test(i)) continue;
    const snapshot::StackFrame& start = seen.goroutines[i].created_by;
    places.push_back(std::string(seen.strings.text(start.function)) + ":" +
                     std::to_string(start.line));
  }
  return places;
}

bool somebody_waits(const snapshot::Snapshot& seen) {
  return std::ranges::any_of(seen.goroutines, [](const snapshot::Goroutine& goroutine) {
    return !goroutine.waits_for.empty();
  });
}

/// Each mover runs alone: it is then in the middle of it more often. A look that finds nobody
/// waiting shows nothing, and how many do depends on the machine: `looks` are those that find
/// somebody.
void look_at(const std::string& program, const std::string& mover, int looks) {
  Result<TargetProcess> target = TargetProcess::start(program, {mover});
  ASSERT_TRUE(target) << target.error().message;
  auto end = std::chrono::steady_clock::now() + looks * kOneLook;
  for (int waited = 0, look = 0; waited < looks; ++look) {
    ASSERT_LT(std::chrono::steady_clock::now(), end)
        << "somebody waited in " << waited << " of " << look << " looks";
    Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
    ASSERT_TRUE(seen) << seen.error().message;
    EXPECT_EQ(said_to_hang(*seen), std::vector<std::string>()) << "look " << look;
    if (somebody_waits(*seen)) ++waited;
  }
}

TEST_P(InMotionTest, nobody_is_said_to_hang) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("in_motion", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  const char* wanted = std::getenv("SEEP_LOOKS");
  int looks = wanted == nullptr ? kLooks : std::atoi(wanted);

  Result<TargetProcess> idle = TargetProcess::start(*program, {});
  ASSERT_TRUE(idle) << idle.error().message;
  nlohmann::json movers = nlohmann::json::parse(idle->truth(), nullptr, false);
  ASSERT_TRUE(movers.is_array()) << idle->truth();
  EXPECT_GT(movers.size(), 10u);
  for (const nlohmann::json& mover : movers) {
    SCOPED_TRACE(mover.get<std::string>());
    look_at(*program, mover.get<std::string>(), looks);
  }
}

}  // namespace
}  // namespace seep::test
