// Leaks that the runtime's own records show: timers, finalizers, deferred calls, maps. The leaky
// twin is named, the healthy one is not.
#include <gtest/gtest.h>

#include "support/scenario.h"

namespace seep::test {
namespace {

class RuntimeScenariosTest : public testing::TestWithParam<ScenarioCase> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  }
};
INSTANTIATE_TEST_SUITE_P(Go, RuntimeScenariosTest,
                         testing::ValuesIn(scenario_cases({"ticker", "timer", "finalizer-cycle",
                                                           "finalizer-queue", "defer-pileup",
                                                           "map-not-shrunk"})),
                         ScenarioCaseName());

analysis::Permanence permanence_of(const std::string& scenario) {
  bool for_ever = scenario == "ticker" || scenario == "finalizer-cycle";
  return for_ever ? analysis::Permanence::kPermanent : analysis::Permanence::kTemporary;
}

TEST_P(RuntimeScenariosTest, leaky_twin_is_named) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  if (reading->truth.collected) {
    EXPECT_TRUE(is_silent(*reading));
  } else {
    EXPECT_TRUE(names_leak(*reading, permanence_of(reading->truth.scenario)));
  }
}

TEST_P(RuntimeScenariosTest, healthy_twin_yields_nothing_above_possible) {
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kHealthy);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

}  // namespace
}  // namespace seep::test
