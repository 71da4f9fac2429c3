// Programs that work hard and leak nothing: an HTTP server that asks itself questions, with threads
// in system calls and commands as children; a program whose goroutines block, wake, start and end
// all the time; one that allocates as fast as it can. However often they are looked at, nothing
// above possible is said of them. (real_server_test does the same with a server of others.)
//
// SEEP_STEADY_SECONDS sets how long each is looked at (1 by default).
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using Clock = std::chrono::steady_clock;

struct Steady {
  std::string go, target;
  std::vector<std::string> arguments;
};

void PrintTo(const Steady& steady, std::ostream* out) { *out << steady.target; }

std::vector<Steady> steady_programs() {
  std::vector<Steady> all;
  for (const std::string& go : go_versions()) {
    all.push_back({go, "freeze_server", {"8", "2", "1"}});
    all.push_back({go, "goroutine_churn", {}});
    all.push_back({go, "churn", {}});
  }
  return all;
}

class SteadyLoadTest : public testing::TestWithParam<Steady> {};
INSTANTIATE_TEST_SUITE_P(Go, SteadyLoadTest, testing::ValuesIn(steady_programs()),
                         [](const auto& parameter) {
                           testing::TestParamInfo<std::string> go(parameter.param.go, 0);
                           return VersionName()(go) + "_" + parameter.param.target;
                         });

std::chrono::seconds time_of_each() {
  const char* text = std::getenv("SEEP_STEADY_SECONDS");
  return std::chrono::seconds(text != nullptr ? std::atoi(text) : 1);
}

TEST_P(SteadyLoadTest, nothing_above_possible_is_said) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  std::string reason = too_old(GetParam().target, GetParam().go);
  if (!reason.empty()) GTEST_SKIP() << reason;
  Result<std::string> program = build_target(GetParam().target, GetParam().go);
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, GetParam().arguments);
  ASSERT_TRUE(target) << target.error().message;
  std::string pid = std::to_string(target->pid());
  Clock::time_point end = Clock::now() + time_of_each();
  do {
    CommandResult result = run_seep({"diagnose", pid, "--for", "0", "--json"});
    nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
    ASSERT_TRUE(report.is_object()) << result.err;
    for (const nlohmann::json& finding : report["findings"])
      ASSERT_EQ(finding["confidence"], "possible") << finding.dump(2);
    ASSERT_EQ(result.status, 0) << report["verdict"];
  } while (Clock::now() < end);
  EXPECT_TRUE(target->alive());
}

}  // namespace
}  // namespace seep::test
