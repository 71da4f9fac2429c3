// Leaks of well-known packages: the leaky twin is named with its entry of the table, its count and
// what to change; about the twin that uses the package as it is meant, nothing above possible is
// said, and of known leaks nothing at all.
#include <gtest/gtest.h>

#include "support/scenario.h"

namespace seep::test {
namespace {

using analysis::Permanence;

class PermanentTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(
    KnownLeak, PermanentTest,
    testing::ValuesIn(scenario_cases({"http-body", "http-transport", "signal", "sql-rows",
                                      "sql-rows-context", "scanner", "scanner-pipe", "grpc",
                                      "opencensus", "prometheus", "otel", "tick"},
                                     "known_leaks")),
    ScenarioCaseName());

class TemporaryTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(KnownLeak, TemporaryTest,
                         testing::ValuesIn(scenario_cases({"context", "context-timeout",
                                                           "context-parent", "pool"},
                                                          "known_leaks")),
                         ScenarioCaseName());

std::string why_not(const ScenarioCase& which) {
  if (!has_go(which.go)) return no_go(which.go);
  return too_old(which.target + "/" + which.name, which.go);
}

testing::AssertionResult leaky_twin_is_named(const ScenarioCase& which, Permanence permanence) {
  Result<Scenario> scenario = Scenario::start(which, Twin::kLeaky);
  if (!scenario) return testing::AssertionFailure() << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  if (!reading) return testing::AssertionFailure() << reading.error().message;
  if (reading->truth.collected) return is_silent(*reading);
  return names_leak(*reading, permanence);
}

testing::AssertionResult healthy_twin_is_passed_over(const ScenarioCase& which) {
  Result<Scenario> scenario = Scenario::start(which, Twin::kHealthy);
  if (!scenario) return testing::AssertionFailure() << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  if (!reading) return testing::AssertionFailure() << reading.error().message;
  return is_silent(*reading);
}

TEST_P(PermanentTest, leaky_twin_is_named) {
  if (std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_TRUE(leaky_twin_is_named(GetParam(), Permanence::kPermanent));
}

TEST_P(PermanentTest, healthy_twin_is_passed_over) {
  if (std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_TRUE(healthy_twin_is_passed_over(GetParam()));
}

TEST_P(TemporaryTest, leaky_twin_is_named) {
  if (std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_TRUE(leaky_twin_is_named(GetParam(), Permanence::kTemporary));
}

TEST_P(TemporaryTest, healthy_twin_is_passed_over) {
  if (std::string reason = why_not(GetParam()); !reason.empty()) GTEST_SKIP() << reason;
  EXPECT_TRUE(healthy_twin_is_passed_over(GetParam()));
}

}  // namespace
}  // namespace seep::test
