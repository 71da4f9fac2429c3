// What grows: containers and goroutines of a real program that is watched while it works. The test
// lets the program do its work in the pauses between the looks, so nothing depends on time.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "pipeline/three_looks.h"
#include "support/build_flavour.h"
#include "support/scenario.h"
#include "support/seep_command.h"

namespace seep::test {
namespace {

using analysis::Confidence;
using analysis::Diagnosis;
using analysis::Finding;
using analysis::Permanence;
using analysis::Verdict;
using pipeline::WaitEnd;

/// Until a program is past its start, where everything grows.
constexpr int kRoundsBefore = 2;
/// Lets the program work between two looks.
constexpr int kRoundsBetweenLooks = 2;

pipeline::ThreeLooksOptions options_with(pipeline::Wait wait) {
  pipeline::ThreeLooksOptions options;
  options.seconds = 60;
  options.wait = std::move(wait);
  return options;
}

struct Watched {
  ScenarioTruth truth;
  Diagnosis diagnosis;
};

Result<Watched> watch(const ScenarioCase& which, Twin twin, int rounds_before,
                      bool values = false) {
  Scenario scenario = TRY(Scenario::start(which, twin));
  bool worked = true;
  for (int i = 0; i < rounds_before; ++i) worked = scenario.again().has_value() && worked;
  auto work = [&](double, const std::function<void()>& look) {
    for (int i = 0; i < kRoundsBetweenLooks; ++i) worked = scenario.again().has_value() && worked;
    look();
    return WaitEnd::kDone;
  };
  Watched watched;
  pipeline::ThreeLooksOptions options = options_with(work);
  options.capture.values = values;
  watched.diagnosis = TRY(pipeline::diagnose_over_time(scenario.pid(), options));
  if (!worked) return fail(ErrorKind::kTargetGone, "the program did not do its work again");
  watched.truth = TRY(scenario.truth());
  // Nothing but symbols tells the names of variables.
  bool names_functions = which.name == "growth" || which.name == "growing-site";
  if (!names_functions && !no_debug_information().empty()) watched.truth.names.clear();
  return watched;
}

class GrowthScenariosTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(
    Go, GrowthScenariosTest,
    testing::ValuesIn(scenario_cases({"growing-map", "growing-slice", "growing-syncmap",
                                      "growing-list", "growing-channel", "growing-context",
                                      "growing-lru", "growing-pool", "growing-site", "growth"})),
    ScenarioCaseName());

TEST_P(GrowthScenariosTest, leaky_twin_is_named_with_its_pace) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<Watched> watched = watch(GetParam(), Twin::kLeaky, kRoundsBefore);
  ASSERT_TRUE(watched) << watched.error().message;
  Permanence permanence =
      GetParam().name == "growth" ? Permanence::kUnknown : Permanence::kTemporary;
  EXPECT_TRUE(names_leak(watched->diagnosis.findings, watched->truth, permanence));
  for (const Finding& finding : watched->diagnosis.findings) {
    if (finding.scenario != watched->truth.scenario) continue;
    // Goroutines hold nothing but their stacks; a pool holds as many buffers as before.
    if (GetParam().name != "growth") {
      EXPECT_GT(finding.growth_bytes_per_s.value_or(0), 0) << to_text(finding);
    }
    if (GetParam().name != "growing-pool") {
      EXPECT_GT(finding.growth_count_per_s.value_or(0), 0) << to_text(finding);
    }
  }
  // Contexts that nobody cancels are a known leak as well.
  Verdict expected = GetParam().name == "growing-context" ? Verdict::kLeak : Verdict::kGrowing;
  EXPECT_EQ(watched->diagnosis.verdict, expected);
  EXPECT_EQ(watched->diagnosis.head.freezes.size(), 3u);
}

TEST_P(GrowthScenariosTest, healthy_twin_is_silent) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<Watched> watched = watch(GetParam(), Twin::kHealthy, kRoundsBefore);
  ASSERT_TRUE(watched) << watched.error().message;
  EXPECT_TRUE(is_silent(watched->diagnosis.findings, watched->truth));
  EXPECT_EQ(watched->diagnosis.verdict, Verdict::kHealthy);
}

/// What growing containers say of the keys of what is new.
std::string keys_told(const Diagnosis& diagnosis) {
  std::string text;
  for (const Finding& finding : diagnosis.findings)
    for (const analysis::EvidenceLine& line : finding.evidence)
      if (line.label == "keys") text += line.text;
  return text;
}

class KeysTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(Go, KeysTest, testing::ValuesIn(scenario_cases({"growing-map"})),
                         ScenarioCaseName());

TEST_P(KeysTest, of_a_growing_map_are_shown_only_to_who_asks_for_values) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  std::string reason = no_debug_information();
  if (!reason.empty()) GTEST_SKIP() << reason;
  Result<Watched> without = watch(GetParam(), Twin::kLeaky, kRoundsBefore);
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_EQ(keys_told(without->diagnosis), "");
  Result<Watched> with = watch(GetParam(), Twin::kLeaky, kRoundsBefore, true);
  ASSERT_TRUE(with) << with.error().message;
  // Keys are numbers in decimal; which of the new ones are examples is not said.
  std::string keys = keys_told(with->diagnosis);
  EXPECT_TRUE(keys.starts_with("new ones begin with \"")) << keys;
  EXPECT_NE(keys.find_first_of("0123456789"), std::string::npos) << keys;
}

class CalmProgramsTest : public testing::TestWithParam<ScenarioCase> {};
INSTANTIATE_TEST_SUITE_P(Go, CalmProgramsTest,
                         testing::ValuesIn(scenario_cases({"cache-plateau", "warm-up", "load-once",
                                                           "idle-pool"})),
                         ScenarioCaseName());

TEST_P(CalmProgramsTest, what_stops_by_itself_is_no_leak) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  Result<Watched> watched = watch(GetParam(), Twin::kHealthy, 0);
  ASSERT_TRUE(watched) << watched.error().message;
  EXPECT_TRUE(is_silent(watched->diagnosis.findings, watched->truth));
  EXPECT_EQ(watched->diagnosis.verdict, Verdict::kHealthy);
}

class DiffTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, DiffTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(DiffTest, two_snapshots_of_a_process_tell_what_grew_and_by_how_much) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<Scenario> scenario = Scenario::start({GetParam(), "growing-map"}, Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  TemporaryFolder folder;
  std::string pid = std::to_string(scenario->pid());
  ASSERT_EQ(run_seep({"snapshot", pid, "-o", folder.file("a.seep")}).status, 0);
  ASSERT_TRUE(scenario->again());
  ASSERT_EQ(run_seep({"snapshot", pid, "-o", folder.file("b.seep")}).status, 0);
  CommandResult result = run_seep({"diff", folder.file("a.seep"), folder.file("b.seep"), "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.err;
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(report["schema"], "seep.diff/1");
  EXPECT_EQ(report["same_process"], true);
  ASSERT_FALSE(report["rows"].empty()) << result.out;
  const nlohmann::json& row = report["rows"].front();
  // 2000 sessions of 1 KiB, their keys and the tables.
  double grew = row["after_bytes"].get<double>() - row["before_bytes"].get<double>();
  EXPECT_GE(grew, 2000.0 * 1024) << row.dump();
  EXPECT_LE(grew, 2000.0 * 1400) << row.dump();
  ASSERT_EQ(report["findings"].size(), 1u) << result.out;
  EXPECT_EQ(report["findings"][0]["confidence"], "possible");
  // Without debug information a variable does not tell the type of what it holds.
  if (no_debug_information().empty()) {
    const nlohmann::json& type = report["types"].front();
    EXPECT_EQ(type["name"], "main.session");
    EXPECT_EQ(type["after_count"].get<int>() - type["before_count"].get<int>(), 2000);
  }

  EXPECT_EQ(run_seep({"diff", folder.file("a.seep"), folder.file("a.seep")}).status, 0);
  EXPECT_EQ(wrong_with_refusal(run_seep({"diff", folder.file("b.seep"), folder.file("a.seep")}),
                               "exchange"),
            "");
}

TEST_P(DiffTest, two_cores_of_a_process_tell_what_grew) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  if (run_command({"gdb", "--version"}).status != 0) GTEST_SKIP() << "gcore (gdb) is not installed";
  Result<Scenario> scenario = Scenario::start({GetParam(), "growing-map"}, Twin::kLeaky);
  ASSERT_TRUE(scenario) << scenario.error().message;
  TemporaryFolder folder;
  std::string pid = std::to_string(scenario->pid());
  std::string before = folder.file("before." + pid), after = folder.file("after." + pid);
  ASSERT_EQ(run_command({"gcore", "-o", folder.file("before"), pid}).status, 0);
  ASSERT_TRUE(scenario->again());
  ASSERT_EQ(run_command({"gcore", "-o", folder.file("after"), pid}).status, 0);
  CommandResult result = run_seep({"diff", before, after, "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.err;
  EXPECT_EQ(result.status, 1) << result.err;
  EXPECT_EQ(report["same_process"], true);
  ASSERT_FALSE(report["rows"].empty()) << result.out;
  const nlohmann::json& row = report["rows"].front();
  double grew = row["after_bytes"].get<double>() - row["before_bytes"].get<double>();
  EXPECT_GE(grew, 2000.0 * 1024) << row.dump();
  EXPECT_LE(grew, 2000.0 * 1400) << row.dump();
  if (no_debug_information().empty()) {
    EXPECT_EQ(report["types"].front()["name"], "main.session");
  }
  EXPECT_EQ(run_seep({"diff", before, before}).status, 0);
}

TEST_P(DiffTest, two_processes_are_compared_by_name) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<Scenario> normal = Scenario::start({GetParam(), "growing-map"}, Twin::kHealthy);
  ASSERT_TRUE(normal) << normal.error().message;
  Result<Scenario> problem = Scenario::start({GetParam(), "growing-map"}, Twin::kLeaky);
  ASSERT_TRUE(problem) << problem.error().message;
  std::string one = std::to_string(normal->pid()), other = std::to_string(problem->pid());
  // Both hold the same after one round.
  CommandResult alike = run_seep({"diff", one, other});
  EXPECT_EQ(alike.status, 0) << alike.out << alike.err;
  for (int i = 0; i < kRoundsBefore; ++i) {
    ASSERT_TRUE(normal->again());
    ASSERT_TRUE(problem->again());
  }
  CommandResult result = run_seep({"diff", one, other, "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  ASSERT_TRUE(report.is_object()) << result.err;
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(report["same_process"], false);
  if (no_debug_information().empty()) {
    EXPECT_EQ(report["types"].front()["name"], "main.session");
    EXPECT_NE(report["rows"].front()["name"].get<std::string>().find("sessionsByUser"),
              std::string::npos);
  }
}

class InterruptedWatchTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, InterruptedWatchTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(InterruptedWatchTest, a_program_that_ends_meanwhile_is_told_as_it_was) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("scenarios", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {"growing-map", "leaky"});
  ASSERT_TRUE(target) << target.error().message;
  auto end = [&](double, const std::function<void()>&) {
    target->close_stdin();
    EXPECT_TRUE(target->wait_exit());
    return WaitEnd::kGone;
  };
  Result<Diagnosis> diagnosis = pipeline::diagnose_over_time(target->pid(), options_with(end));
  ASSERT_TRUE(diagnosis) << diagnosis.error().message;
  ASSERT_EQ(diagnosis->notes.size(), 1u);
  EXPECT_NE(diagnosis->notes.front().find("ended"), std::string::npos);
  EXPECT_EQ(diagnosis->head.freezes.size(), 1u);
  EXPECT_FALSE(diagnosis->time);
}

TEST_P(InterruptedWatchTest, a_program_that_ends_unseen_is_told_as_it_was_in_the_middle) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("scenarios", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {"growing-map", "leaky"});
  ASSERT_TRUE(target) << target.error().message;
  int waits = 0;
  auto wait = [&](double, const std::function<void()>&) {
    if (++waits == 1) {
      EXPECT_TRUE(target->step());
    } else {
      target->close_stdin();
      EXPECT_TRUE(target->wait_exit());
    }
    return WaitEnd::kDone;
  };
  Result<Diagnosis> diagnosis = pipeline::diagnose_over_time(target->pid(), options_with(wait));
  ASSERT_TRUE(diagnosis) << diagnosis.error().message;
  EXPECT_EQ(diagnosis->notes.size(), 1u);
  EXPECT_EQ(diagnosis->head.freezes.size(), 2u);
  ASSERT_TRUE(diagnosis->time);
  EXPECT_EQ(diagnosis->time->looks, 2u);
}

TEST_P(InterruptedWatchTest, whoever_waits_no_longer_gets_an_answer_from_two_looks) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("scenarios", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {"growing-map", "leaky"});
  ASSERT_TRUE(target) << target.error().message;
  auto stop = [&](double, const std::function<void()>&) {
    EXPECT_TRUE(target->step());
    return WaitEnd::kStopped;
  };
  Result<Diagnosis> diagnosis = pipeline::diagnose_over_time(target->pid(), options_with(stop));
  ASSERT_TRUE(diagnosis) << diagnosis.error().message;
  EXPECT_EQ(diagnosis->head.freezes.size(), 2u);
  EXPECT_EQ(diagnosis->notes.size(), 1u);
  EXPECT_EQ(diagnosis->verdict, Verdict::kInconclusive);
  bool named = false;
  for (const Finding& finding : diagnosis->findings) {
    EXPECT_EQ(finding.confidence, Confidence::kPossible) << to_text(finding);
    named = named || finding.scenario == "growing-container";
  }
  EXPECT_TRUE(named) << "two looks tell what grew, if not whether it goes on";
}

}  // namespace
}  // namespace seep::test
