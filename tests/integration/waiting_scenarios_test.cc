// What waits so long that nobody will come, though something that can run still reaches it: never
// proven, told by the time. The programs are real; only the time is not: what a snapshot says of
// how long each has waited is set an hour back, as if the same program had been looked at later.
#include <gtest/gtest.h>

#include "pipeline/analyze.h"
#include "support/build_flavour.h"
#include "support/scenario.h"

namespace seep::test {
namespace {

using analysis::Confidence;
using analysis::Diagnosis;
using analysis::Finding;
using analysis::Permanence;

constexpr double kHour = 3600;

/// What is said of the twin after an hour in which nothing happened.
Result<ScenarioReading> read_an_hour_later(const ScenarioCase& which, Twin twin) {
  Scenario scenario = TRY(Scenario::start(which, twin));
  ScenarioReading reading = TRY(scenario.read());
  for (snapshot::Goroutine& goroutine : reading.snapshot.goroutines)
    if (goroutine.wait_seconds) *goroutine.wait_seconds += kHour;
  for (snapshot::Timer& timer : reading.snapshot.timers)
    if (timer.unread_seconds) *timer.unread_seconds += kHour;
  reading.diagnosis = TRY(pipeline::diagnose(reading.snapshot, {}));
  return reading;
}

class StuckTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(Go, StuckTest,
                         testing::ValuesIn(scenario_cases({"stuck-receivers", "stuck-lock"})),
                         ScenarioCaseName());

TEST_P(StuckTest, who_waits_for_an_hour_is_likely_stuck_but_not_proven) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<ScenarioReading> reading = read_an_hour_later(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(names_leak(*reading, Permanence::kUnknown));
  for (const Finding& finding : reading->diagnosis.findings)
    EXPECT_NE(finding.confidence, Confidence::kProven) << to_text(finding);
}

TEST_P(StuckTest, who_has_just_begun_to_wait_is_not_stuck) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  Result<ScenarioReading> reading = scenario->read();
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

TEST_P(StuckTest, healthy_twin_is_silent_after_an_hour) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<ScenarioReading> reading = read_an_hour_later(GetParam(), Twin::kHealthy);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

class UnreadTickerTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(Go, UnreadTickerTest, testing::ValuesIn(scenario_cases({"unread-ticker"})),
                         ScenarioCaseName());

TEST_P(UnreadTickerTest, tickers_that_are_kept_and_not_read_are_told) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<ScenarioReading> reading = read_an_hour_later(GetParam(), Twin::kLeaky);
  ASSERT_TRUE(reading) << reading.error().message;
  // Where a channel of a ticker is filled only when somebody asks, none ticks for nobody.
  if (reading->truth.collected) {
    EXPECT_TRUE(is_silent(*reading));
    return;
  }
  const Finding* found = nullptr;
  for (const Finding& finding : reading->diagnosis.findings)
    if (finding.scenario == "ticker") found = &finding;
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->permanence, Permanence::kTemporary);
  EXPECT_NE(found->confidence, Confidence::kProven);
  EXPECT_EQ(found->count, reading->truth.count);
  EXPECT_EQ(found->type, reading->truth.type);
  if (no_debug_information().empty()) {
    EXPECT_NE(to_text(*found).find("gauge"), std::string::npos) << to_text(*found);
  }
}

TEST_P(UnreadTickerTest, healthy_twin_is_silent) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<ScenarioReading> reading = read_an_hour_later(GetParam(), Twin::kHealthy);
  ASSERT_TRUE(reading) << reading.error().message;
  EXPECT_TRUE(is_silent(*reading));
}

}  // namespace
}  // namespace seep::test
