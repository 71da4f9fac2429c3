// Leaks that the runtime's own records show: timers, finalizers, deferred calls, maps. The leaky
// twin is named, the healthy one is not.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "pipeline/analyze.h"
#include "snapshot/snapshot_file.h"
#include "support/build_flavour.h"
#include "support/scenario.h"

namespace seep::test {
namespace {

using analysis::Finding;
using analysis::Permanence;

int minor_of(const std::string& go) { return std::atoi(go.substr(go.find('.') + 1).c_str()); }

std::vector<ScenarioCase> cases() {
  std::vector<ScenarioCase> all =
      scenario_cases({"ticker", "timer", "finalizer-cycle", "finalizer-queue", "defer-pileup",
                      "map-not-shrunk", "cleanup-cycle", "cleanup-queue"});
  std::erase_if(all, [](const ScenarioCase& which) {
    return which.name.starts_with("cleanup") && minor_of(which.go) < 24;
  });
  return all;
}

Permanence permanence_of(const std::string& scenario) {
  bool for_ever = scenario == "ticker" || scenario == "finalizer-cycle";
  return for_ever ? Permanence::kPermanent : Permanence::kTemporary;
}

// Of the only finding of the scenario; empty if there is none, or several.
std::string fingerprint_in(const ScenarioReading& reading) {
  std::vector<std::string> found;
  for (const Finding& finding : reading.diagnosis.findings)
    if (finding.scenario == reading.truth.scenario) found.push_back(finding.fingerprint);
  return found.size() == 1 ? found.front() : "";
}

class RuntimeScenariosTest : public testing::TestWithParam<ScenarioCase> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  }

  // What is to be found depends on whether the runtime leaves it there.
  static void expect_as_leaky(const Scenario& scenario) {
    Result<ScenarioReading> reading = scenario.read();
    ASSERT_TRUE(reading) << reading.error().message;
    if (reading->truth.collected) {
      EXPECT_TRUE(is_silent(*reading));
    } else {
      EXPECT_TRUE(names_leak(*reading, permanence_of(reading->truth.scenario)));
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Go, RuntimeScenariosTest, testing::ValuesIn(cases()), ScenarioCaseName());

TEST_P(RuntimeScenariosTest, leaky_twin_is_named_also_when_it_has_gone_on) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  expect_as_leaky(*scenario);
  ASSERT_TRUE(scenario->again());
  expect_as_leaky(*scenario);
}

TEST_P(RuntimeScenariosTest, healthy_twin_yields_nothing_above_possible) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kHealthy);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

// The twins say themselves whether the setting had that effect.
TEST_P(RuntimeScenariosTest, timers_that_the_runtime_collects_are_no_leak) {
  if (GetParam().name != "ticker" && GetParam().name != "timer") return;
  TargetProcess::Options options;
  options.environment = {"GODEBUG=asynctimerchan=0"};
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky, options);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioTruth> truth = scenario->truth();
  ASSERT_TRUE(truth);
  EXPECT_EQ(truth->collected, minor_of(GetParam().go) >= 23);
  expect_as_leaky(*scenario);
}

TEST_P(RuntimeScenariosTest, a_snapshot_file_tells_the_same) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  std::string path = testing::TempDir() + "/runtime-" + std::to_string(scenario->pid()) + ".seep";
  ASSERT_TRUE(snapshot::write_snapshot_file(reading->snapshot, path));
  Result<snapshot::Snapshot> read = snapshot::read_snapshot_file(path);
  std::remove(path.c_str());
  ASSERT_TRUE(read) << read.error().message;
  Result<analysis::Diagnosis> again = pipeline::diagnose(*read, {});
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(again->findings, reading->diagnosis.findings);
}

TEST_P(RuntimeScenariosTest, a_leak_has_one_fingerprint_in_every_run) {
  Result<Scenario> first = Scenario::start(GetParam(), Twin::kLeaky);
  Result<Scenario> second = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(first && second);
  Result<ScenarioReading> one = first->read();
  Result<ScenarioReading> other = second->read();
  ASSERT_TRUE(one && other);
  EXPECT_EQ(fingerprint_in(*one), fingerprint_in(*other));
  EXPECT_EQ(fingerprint_in(*one).empty(), one->truth.collected);
}

class ReleasesTest : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Go, ReleasesTest,
                         testing::Values("ticker", "timer", "finalizer-cycle", "finalizer-queue",
                                         "defer-pileup", "map-not-shrunk"),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_P(ReleasesTest, a_leak_has_one_fingerprint_on_all_of_them) {
  // Without debug information a package variable is told by its place.
  if (!no_debug_information().empty() && GetParam() == std::string("map-not-shrunk"))
    GTEST_SKIP() << no_debug_information();
  std::map<std::string, std::string> releases;  // by fingerprint
  for (const std::string& go : go_toolchains()) {
    Result<Scenario> scenario = Scenario::start({go, GetParam()}, Twin::kLeaky);
    ASSERT_TRUE(scenario) << scenario.error().message;
    Result<ScenarioReading> reading = scenario->read();
    ASSERT_TRUE(reading) << reading.error().message;
    if (!reading->truth.collected) releases[fingerprint_in(*reading)] += go + " ";
  }
  EXPECT_LE(releases.size(), 1u) << testing::PrintToString(releases);
}

TEST(MapSizes, are_what_the_program_says) {
  for (const std::string& go : go_toolchains()) {
    SCOPED_TRACE(go);
    Result<Scenario> scenario = Scenario::start({go, "map-not-shrunk"}, Twin::kLeaky);
    ASSERT_TRUE(scenario) << scenario.error().message;
    Result<snapshot::Snapshot> snapshot = scenario->capture();
    ASSERT_TRUE(snapshot) << snapshot.error().message;
    std::size_t found = 0;
    for (const snapshot::MapSize& map : snapshot->heap.maps) {
      if (map.entries != 100) continue;
      ++found;
      EXPECT_EQ(map.capacity, 32768u);
      EXPECT_EQ(map.needed, 128u);
      EXPECT_TRUE(map.held_more);
    }
    EXPECT_EQ(found, 1u);
  }
}

}  // namespace
}  // namespace seep::test
