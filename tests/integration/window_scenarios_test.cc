// Leaks of what nobody can look at any more, but in part: strings and slices that keep more than
// they show, elements that slices left behind. The leaky twin is named, the healthy one is not.
#include <gtest/gtest.h>

#include "pipeline/analyze.h"
#include "snapshot/snapshot_file.h"
#include "support/build_flavour.h"
#include "support/scenario.h"

namespace seep::test {
namespace {

using analysis::Permanence;

class WindowScenariosTest : public testing::TestWithParam<ScenarioCase> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  }
};
INSTANTIATE_TEST_SUITE_P(Go, WindowScenariosTest,
                         testing::ValuesIn(scenario_cases({"substring", "subslice", "lost-elements",
                                                           "stale-tail"})),
                         ScenarioCaseName());

// Without debug information nothing names package variables, which is the first name; and of the
// value of one nothing tells the type, nor, before Go 1.22, of what it points to.
void forget_what_has_no_name(ScenarioTruth& truth, bool value_of_a_variable) {
  if (no_debug_information().empty() || truth.names.empty()) return;
  truth.names.erase(truth.names.begin());
  if (!value_of_a_variable) return;
  truth.names.clear();
  truth.type.clear();
}

TEST_P(WindowScenariosTest, leaky_twin_is_named) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  forget_what_has_no_name(reading->truth, GetParam().name == "lost-elements");
  EXPECT_TRUE(names_leak(*reading, Permanence::kTemporary));
}

TEST_P(WindowScenariosTest, healthy_twin_yields_nothing_above_possible) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kHealthy);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

TEST_P(WindowScenariosTest, a_snapshot_file_tells_the_same) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  std::string path = testing::TempDir() + "/window-" + std::to_string(scenario->pid()) + ".seep";
  ASSERT_TRUE(snapshot::write_snapshot_file(reading->snapshot, path));
  Result<snapshot::Snapshot> read = snapshot::read_snapshot_file(path);
  std::remove(path.c_str());
  ASSERT_TRUE(read) << read.error().message;
  Result<analysis::Diagnosis> diagnosis = pipeline::diagnose(*read, {});
  ASSERT_TRUE(diagnosis) << diagnosis.error().message;
  EXPECT_EQ(diagnosis->findings, reading->diagnosis.findings);
}

}  // namespace
}  // namespace seep::test
