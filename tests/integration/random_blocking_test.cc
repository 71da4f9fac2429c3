// A goroutine of which seep says that it can never run again never does: programs in which
// thousands of goroutines block and are woken in every way there is are looked at while they run;
// then all that can be woken is, and none that had been called so is among them, nor has any of
// the program's other goroutines gone on that had been called so.
//
// SEEP_BLOCKING_SECONDS sets how long each release is looked at (3 by default). Seeds are printed;
// SEEP_BLOCKING_SEED sets the first.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "analysis/leaked_goroutines.h"
#include "graph/object_graph.h"
#include "pipeline/capture.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kOneProgram{3};  // its lost goroutines are then many enough

class RandomBlockingTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, RandomBlockingTest, testing::ValuesIn(go_versions()), VersionName());

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : otherwise;
}

/// What each that is said to hang waits for, by its number.
using Hanging = std::map<std::uint64_t, std::vector<snapshot::WaitObject>>;

Hanging said_to_hang(const snapshot::Snapshot& seen) {
  graph::ObjectGraph graph(seen);
  analysis::LeakedGoroutines leaked = analysis::find_leaked_goroutines(graph);
  Hanging hanging;
  for (std::size_t i = 0; i < seen.goroutines.size(); ++i)
    if (leaked.never_runs_again.test(i))
      hanging.emplace(seen.goroutines[i].id, seen.goroutines[i].waits_for);
  return hanging;
}

/// Those of them that wait no more, or for something else.
std::vector<std::uint64_t> who_went_on(const Hanging& said, const snapshot::Snapshot& later) {
  Hanging gone = said;
  for (const snapshot::Goroutine& goroutine : later.goroutines) {
    auto found = gone.find(goroutine.id);
    if (found == gone.end() || !snapshot::is_waiting(goroutine.status)) continue;
    if (std::ranges::equal(found->second, goroutine.waits_for, {}, &snapshot::WaitObject::address,
                           &snapshot::WaitObject::address))
      gone.erase(found);
  }
  std::vector<std::uint64_t> ids;
  for (const auto& [id, waits_for] : gone) ids.push_back(id);
  return ids;
}

struct Sum {
  std::size_t snapshots = 0, started = 0, woken = 0, said = 0, at_the_end = 0;
};

// Looks at one program until it has run for kOneProgram.
void look_at_one(const std::string& program, int seed, Sum& sum) {
  Result<TargetProcess> target = TargetProcess::start(program, {std::to_string(seed)});
  ASSERT_TRUE(target) << target.error().message;
  Hanging said;
  Clock::time_point end = Clock::now() + kOneProgram;
  while (Clock::now() < end) {
    Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
    ASSERT_TRUE(seen) << seen.error().message;
    said.merge(said_to_hang(*seen));
    ++sum.snapshots;
  }
  Result<void> finished = target->step("finish", std::chrono::seconds(120));
  ASSERT_TRUE(finished) << finished.error().message;
  nlohmann::json truth = nlohmann::json::parse(target->truth(), nullptr, false);
  ASSERT_TRUE(truth.is_object()) << target->truth().substr(0, 200);
  for (const nlohmann::json& woken : truth["woken"])
    EXPECT_FALSE(said.contains(woken["number"].get<std::uint64_t>()))
        << "goroutine " << woken["number"] << " of seed " << seed << " (" << woken["way"]
        << ") was said to hang for ever, and was woken";
  Result<snapshot::Snapshot> last = pipeline::capture(target->pid(), {});
  ASSERT_TRUE(last) << last.error().message;
  EXPECT_EQ(who_went_on(said, *last), std::vector<std::uint64_t>()) << "of seed " << seed;
  sum.started += truth["started"].get<std::size_t>();
  sum.woken += truth["woken"].size();
  sum.said += said.size();
  sum.at_the_end += said_to_hang(*last).size();
}

TEST_P(RandomBlockingTest, who_is_said_to_hang_for_ever_is_never_woken) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("random_blocking", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  int seed = number_from("SEEP_BLOCKING_SEED", 1);
  int programs =
      std::max(1, number_from("SEEP_BLOCKING_SECONDS", 3) / static_cast<int>(kOneProgram.count()));
  Sum sum;
  for (int i = 0; i < programs && !HasFailure(); ++i) look_at_one(*program, seed + i, sum);
  std::printf(
      "seeds %d to %d: %zu snapshots; %zu goroutines waited, %zu were woken; %zu were said to hang "
      "while it ran, %zu at the end\n",
      seed, seed + programs - 1, sum.snapshots, sum.started, sum.woken, sum.said, sum.at_the_end);
  // The test must be able to fail: most that were never woken are known as such in the end.
  EXPECT_GT(sum.said, 100u);
  EXPECT_GT(sum.at_the_end * 10, (sum.started - sum.woken) * 8);
}

}  // namespace
}  // namespace seep::test
