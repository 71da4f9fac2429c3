// Ten leaks in one program: each is reported once, with its own bytes; the surer come first and,
// among those as sure, the larger; and the bytes of all of them together are no more than what the
// program leaks: nothing is counted twice.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "support/build_flavour.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using nlohmann::json;

class TenLeaksTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, TenLeaksTest, testing::ValuesIn(go_versions()), VersionName());

bool within_two_percent(double seen, double expected) {
  return seen >= expected * 0.98 && seen <= expected * 1.02;
}

/// The findings that are at least likely, of that scenario and with the name somewhere in them.
/// Without debug information some types have no name and some slices no certain type: then those
/// of that scenario and size.
std::vector<json> findings_of(const json& report, const json& leak) {
  bool named = no_debug_information().empty();
  std::vector<json> found;
  for (const json& finding : report["findings"]) {
    if (finding["scenario"] != leak["scenario"]) continue;
    bool is_it = named
                     ? finding["confidence"] != "possible" &&
                           finding.dump().find(leak["name"].get<std::string>()) != std::string::npos
                     : within_two_percent(finding["bytes"], leak["bytes"]);
    if (is_it) found.push_back(finding);
  }
  return found;
}

int sureness(const json& finding) {
  return finding["confidence"] == "proven" ? 2 : finding["confidence"] == "likely" ? 1 : 0;
}

TEST_P(TenLeaksTest, are_all_reported_in_order_and_counted_once) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("ten_leaks", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  json truth = json::parse(target->truth());
  ASSERT_EQ(truth.size(), 10u);
  CommandResult result =
      run_seep({"diagnose", std::to_string(target->pid()), "--for", "0", "--json"});
  json report = json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.err;

  double leaked = 0;
  for (const json& leak : truth) {
    std::vector<json> found = findings_of(report, leak);
    ASSERT_EQ(found.size(), 1u) << leak << " in " << report["findings"].dump(1).substr(0, 20000);
    EXPECT_TRUE(within_two_percent(found[0]["bytes"], leak["bytes"]))
        << leak << ": " << found[0]["bytes"];
    leaked += leak["bytes"].get<double>();
  }
  double told = 0;
  std::tuple<int, double> before{3, 0.0};
  for (const json& finding : report["findings"]) {
    if (sureness(finding) == 0) continue;
    told += finding["bytes"].get<double>();
    std::tuple<int, double> now{sureness(finding), finding["bytes"].get<double>()};
    EXPECT_LE(now, before) << finding["title"] << " comes too late";
    before = now;
  }
  EXPECT_LE(told, leaked * 1.02);

  // All together: what a retainer holds of the leaks is counted once.
  const json& together = report["together"];
  double sum = 0, largest = 0;
  for (const json& finding : report["findings"]) {
    sum += finding["bytes"].get<double>();
    largest = std::max(largest, finding["bytes"].get<double>());
  }
  EXPECT_GE(together["findings"], 10);
  EXPECT_LE(together["bytes"].get<double>(), sum);
  EXPECT_GE(together["bytes"].get<double>(), largest);
  EXPECT_GE(together["bytes"].get<double>(), leaked * 0.98);
  if (no_debug_information().empty()) {
    EXPECT_TRUE(within_two_percent(told, leaked)) << told << " of " << leaked;
  }
}

}  // namespace
}  // namespace seep::test
