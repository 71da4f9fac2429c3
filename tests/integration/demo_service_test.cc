// The service of `make demo`, under requests: both of its bugs are found, with their holders in
// Go's terms, and no request fails meanwhile.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <thread>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

class DemoServiceTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, DemoServiceTest, testing::ValuesIn(go_versions()), VersionName());

TargetProcess::Options without_waiting() {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  return options;
}

TEST_P(DemoServiceTest, both_bugs_are_found_while_it_serves) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  std::string reason = too_old("demo_service", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  Result<std::string> program = build_target("demo_service", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> service = TargetProcess::start(*program, {"serve"}, without_waiting());
  ASSERT_TRUE(service) << service.error().message;
  Result<std::string> greeting = service->read_line();
  ASSERT_TRUE(greeting) << greeting.error().message;
  std::string url = greeting->substr(greeting->find("http"));
  Result<TargetProcess> driver = TargetProcess::start(*program, {"drive", url, "500"});
  ASSERT_TRUE(driver) << driver.error().message;

  // Long enough for some thousand requests; a figure below is only ever compared with itself.
  std::this_thread::sleep_for(std::chrono::seconds(4));
  CommandResult result =
      run_seep({"diagnose", std::to_string(service->pid()), "--for", "0", "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.err;
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_EQ(report["verdict"], "leak");
  EXPECT_EQ(report["freezes"][0]["mode"], "fork") << report["freezes"].dump();
  EXPECT_LT(report["freezes"][0]["stopped_ms"], 200.0);

  bool sessions_found = false;
  bool hung_found = false;
  for (const nlohmann::json& finding : report["findings"]) {
    std::string text = finding.dump();
    if (finding["scenario"] == "large-retainer" &&
        text.find("main.sessions") != std::string::npos) {
      sessions_found = true;
      EXPECT_NE(text.find("main.session"), std::string::npos) << finding.dump(2);
      EXPECT_GT(finding["bytes"], 1 << 20);
    }
    if (finding["scenario"] == "hung-goroutine") {
      hung_found = true;
      EXPECT_EQ(finding["confidence"], "proven");
      EXPECT_NE(text.find("main.askBackend"), std::string::npos) << finding.dump(2);
      EXPECT_GT(finding["bytes"].get<double>(), finding["count"].get<double>() * 8192);
    }
  }
  EXPECT_TRUE(sessions_found) << result.out;
  EXPECT_TRUE(hung_found) << result.out;

  driver->close_stdin();
  Result<std::string> summary = driver->read_line();
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_NE(summary->find(" 0 failed"), std::string::npos) << *summary;
  EXPECT_TRUE(service->alive());
  EXPECT_EQ(harm_done_to(service->pid()), "");
}

}  // namespace
}  // namespace seep::test
