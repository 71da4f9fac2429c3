// What people see of goroutines that hang: the leaky half of each twin is named with the function
// it waits in, how often, and as leaked; the healthy half is not.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

struct Twin {
  std::string go;
  std::string kind;
};

std::vector<Twin> twins() {
  std::vector<Twin> all;
  for (const std::string& go : go_versions()) {
    for (const char* kind : {"send", "receive", "select", "nil", "mutex", "rwmutex", "cond",
                             "waitgroup", "cycle", "timer"}) {
      all.push_back({go, kind});
    }
  }
  return all;
}

void PrintTo(const Twin& twin, std::ostream* out) { *out << twin.kind; }

class HungGoroutinesTest : public testing::TestWithParam<Twin> {};
INSTANTIATE_TEST_SUITE_P(Go, HungGoroutinesTest, testing::ValuesIn(twins()),
                         [](const auto& parameter) {
                           testing::TestParamInfo<std::string> go(parameter.param.go, 0);
                           return VersionName()(go) + "_" + parameter.param.kind;
                         });

/// How many goroutines `seep goroutines` calls leaked in `function`, and anywhere else.
struct Leaked {
  int in_function = 0;
  int elsewhere = 0;
};

Leaked leaked_in(const nlohmann::json& report, const std::string& function) {
  Leaked leaked;
  for (const nlohmann::json& group : report["groups"]) {
    if (group["verdict"] != "leaked") continue;
    bool here = false;
    for (const nlohmann::json& frame : group["stack"]) {
      if (frame["function"] == function) here = true;
    }
    (here ? leaked.in_function : leaked.elsewhere) += group["count"].get<int>();
  }
  return leaked;
}

nlohmann::json json_of(const CommandResult& result) {
  return nlohmann::json::parse(result.out, nullptr, false);
}

class Half {
 public:
  Half(const Twin& twin, const char* half) {
    Result<std::string> program = build_target("hung_goroutines", twin.go);
    if (!program) {
      problem = program.error().message;
      return;
    }
    target = TargetProcess::start(*program, {twin.kind, half});
    if (!target) {
      problem = target.error().message;
      return;
    }
    truth = nlohmann::json::parse(target->truth());
    pid = std::to_string(target->pid());
  }

  Result<TargetProcess> target = fail(ErrorKind::kNotFound, "not started");
  nlohmann::json truth;
  std::string pid;
  std::string problem;
};

TEST_P(HungGoroutinesTest, leaky_twin_is_told_from_the_healthy_one) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  for (const char* name : {"leaky", "healthy"}) {
    Half half(GetParam(), name);
    ASSERT_EQ(half.problem, "");
    CommandResult result = run_seep({"goroutines", half.pid, "--json"});
    nlohmann::json report = json_of(result);
    ASSERT_TRUE(report.is_object()) << result.err;
    EXPECT_EQ(report["schema"], "seep.goroutines/1");
    Leaked leaked = leaked_in(report, half.truth["function"]);
    EXPECT_EQ(leaked.in_function, half.truth["leaked"]) << name << result.out;
    EXPECT_EQ(leaked.elsewhere, 0) << name << result.out;
    EXPECT_EQ(result.status, 0) << "a list is no verdict: " << name;
  }
}

TEST_P(HungGoroutinesTest, diagnosis_finds_the_leaky_twin_and_is_silent_about_the_other) {
  if (!has_go(GetParam().go)) GTEST_SKIP() << no_go(GetParam().go);
  for (const char* name : {"leaky", "healthy"}) {
    Half half(GetParam(), name);
    ASSERT_EQ(half.problem, "");
    CommandResult result = run_seep({"diagnose", half.pid, "--for", "0", "--json"});
    nlohmann::json report = json_of(result);
    ASSERT_TRUE(report.is_object()) << result.err;
    EXPECT_EQ(report["schema"], "seep.diagnosis/1");
    int hung = 0;
    int above_possible = 0;
    for (const nlohmann::json& finding : report["findings"]) {
      if (finding["confidence"] != "possible") ++above_possible;
      if (finding["scenario"] != "hung-goroutine") continue;
      hung += finding["count"].get<int>();
      EXPECT_EQ(finding["confidence"], "proven");
      EXPECT_EQ(finding["permanence"], "permanent");
      EXPECT_NE(finding.dump().find(half.truth["function"].get<std::string>()), std::string::npos)
          << finding.dump(2);
    }
    bool leaky = half.truth["leaked"] != 0;
    EXPECT_EQ(hung, half.truth["leaked"]) << name << result.out;
    EXPECT_EQ(above_possible > 0, leaky) << name << result.out;
    EXPECT_EQ(report["verdict"] == "leak", leaky) << name << report["verdict"];
    EXPECT_EQ(result.status, leaky ? 1 : 0) << name;
  }
}

}  // namespace
}  // namespace seep::test
