// A leak scenario: the program tests/targets/scenarios as its leaky or its healthy twin, what it
// knows of its leak, and what seep says about it.
//
//   class MapsTest : public testing::TestWithParam<ScenarioCase> {};
//   INSTANTIATE_TEST_SUITE_P(Go, MapsTest, testing::ValuesIn(scenario_cases({"map-not-shrunk"})),
//                            ScenarioCaseName());
//   TEST_P(MapsTest, leaky_twin_is_named) {
//     if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
//     Result<Scenario> scenario = Scenario::start(GetParam(), Twin::kLeaky);
//     ASSERT_TRUE(scenario) << scenario.error().message;
//     Result<ScenarioReading> reading = scenario->read();
//     ASSERT_TRUE(reading) << reading.error().message;
//     EXPECT_TRUE(names_leak(*reading, analysis::Permanence::kTemporary));
//   }
//
// Integration tests only: the library of support that all tests share knows nothing of the
// pipeline.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/diagnosis.h"
#include "snapshot/snapshot.h"
#include "support/target_process.h"

namespace seep::test {

enum class Twin : std::uint8_t { kLeaky, kHealthy };

struct ScenarioCase {
  std::string go;                    ///< release
  std::string name;                  ///< of the twins: "map-not-shrunk"
  std::string target = "scenarios";  ///< the program of tests/targets/ that has them
};

/// Each of the twins on each release of this test run.
std::vector<ScenarioCase> scenario_cases(const std::vector<std::string>& names,
                                         const std::string& target = "scenarios");

void PrintTo(const ScenarioCase& which, std::ostream* out);

/// Names parameterised tests: "go1_27_4_map_not_shrunk".
struct ScenarioCaseName {
  std::string operator()(const testing::TestParamInfo<ScenarioCase>& parameter) const;
};

/// What a twin knows of itself.
struct ScenarioTruth {
  std::string scenario;            ///< of the finding
  std::uint64_t bytes = 0;         ///< that would come back; 0: not compared
  std::uint64_t count = 0;         ///< 0: not compared
  std::vector<std::string> names;  ///< each is in the finding
  std::string type;                ///< empty: not compared
  bool collected = false;  ///< this release frees what the leaky twin forgets: nothing is found
};

/// What was seen at one instant, and what the twin had said before it.
struct ScenarioReading {
  ScenarioTruth truth;
  snapshot::Snapshot snapshot;
  analysis::Diagnosis diagnosis;
};

class Scenario {
 public:
  /// Returns when the twin has done its work once.
  static Result<Scenario> start(const ScenarioCase& which, Twin twin,
                                const TargetProcess::Options& options = {});

  pid_t pid() const { return process_.pid(); }
  /// Lets the twin do its work once more.
  Result<void> again() { return process_.step(); }
  /// What it said last.
  Result<ScenarioTruth> truth() const;
  Result<snapshot::Snapshot> capture() const;
  /// The whole way: truth, snapshot, diagnosis.
  Result<ScenarioReading> read() const;

 private:
  explicit Scenario(TargetProcess process) : process_(std::move(process)) {}

  TargetProcess process_;
};

/// Exactly one finding has the truth's scenario, and it has that permanence, is at least likely,
/// and agrees with the truth: bytes within 2 %, count, type, and each name somewhere in its text.
testing::AssertionResult names_leak(const std::vector<analysis::Finding>& findings,
                                    const ScenarioTruth& truth, analysis::Permanence permanence);
testing::AssertionResult names_leak(const ScenarioReading& reading,
                                    analysis::Permanence permanence);

/// No finding has the truth's scenario, and none is above possible.
testing::AssertionResult is_silent(const std::vector<analysis::Finding>& findings,
                                   const ScenarioTruth& truth);
testing::AssertionResult is_silent(const ScenarioReading& reading);

/// All that a finding says, for people who read a failed test.
std::string to_text(const analysis::Finding& finding);

}  // namespace seep::test
