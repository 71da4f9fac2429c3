// Who can hold a cut string or slice: every sort of place is named, with what it keeps in vain. And
// a program that looks at parts of much as healthy ones do is none to complain of.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "pipeline/analyze.h"
#include "pipeline/capture.h"
#include "support/build_flavour.h"
#include "support/scenario.h"

namespace seep::test {
namespace {

using analysis::Confidence;
using analysis::Finding;

class ViewHoldersTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  }

  static Result<TargetProcess> start(const std::string& target) {
    std::string program = TRY(build_target(target, GetParam()));
    return TargetProcess::start(program, {});
  }

  static Result<std::vector<Finding>> findings_of(const TargetProcess& process) {
    snapshot::Snapshot snapshot = TRY(pipeline::capture(process.pid(), {}));
    analysis::Diagnosis diagnosis = TRY(pipeline::diagnose(snapshot, {}));
    return std::move(diagnosis.findings);
  }
};
INSTANTIATE_TEST_SUITE_P(Go, ViewHoldersTest, testing::ValuesIn(go_versions()), VersionName());

bool is_named(const Finding& finding, const std::string& name) {
  return std::ranges::any_of(finding.holder, [&](const analysis::HolderStep& step) {
    return step.name.find(name) != std::string::npos;
  });
}

TEST_P(ViewHoldersTest, every_place_is_named_with_what_it_wastes) {
  if (std::string why = no_debug_information(); !why.empty()) GTEST_SKIP() << why;
  Result<TargetProcess> process = start("cut_views");
  ASSERT_TRUE(process) << process.error().message;
  Result<std::vector<Finding>> findings = findings_of(*process);
  ASSERT_TRUE(findings) << findings.error().message;
  std::string all;
  for (const Finding& finding : *findings) all += to_text(finding);
  nlohmann::json truth = nlohmann::json::parse(process->truth());
  for (const auto& [name, bytes] : truth.items()) {
    auto found = std::ranges::find_if(*findings, [&](const Finding& finding) {
      bool cut = finding.scenario == "substring" || finding.scenario == "subslice";
      return cut && is_named(finding, name);
    });
    ASSERT_NE(found, findings->end()) << name << " is missing among\n" << all;
    // Registers that were not used since can hold a pointer to one of them.
    double seen = static_cast<double>(found->bytes.bytes());
    EXPECT_NEAR(seen, bytes.get<double>(), bytes.get<double>() / 50) << to_text(*found);
    // Before Go 1.23 nothing describes what closures capture.
    bool is_described = name != "cutClosures";
    EXPECT_TRUE(found->confidence == Confidence::kLikely || !is_described) << to_text(*found);
  }
}

TEST_P(ViewHoldersTest, healthy_programs_look_at_parts_too) {
  Result<TargetProcess> process = start("quiet_views");
  ASSERT_TRUE(process) << process.error().message;
  for (int round = 0; round < 3; ++round) {
    Result<std::vector<Finding>> findings = findings_of(*process);
    ASSERT_TRUE(findings) << findings.error().message;
    for (const Finding& finding : *findings)
      EXPECT_EQ(finding.confidence, Confidence::kPossible) << to_text(finding);
    ASSERT_TRUE(process->step());
  }
}

}  // namespace
}  // namespace seep::test
