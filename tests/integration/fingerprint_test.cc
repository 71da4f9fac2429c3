// One bug keeps one identity: the fingerprints of what is found in a program are the same in two
// runs, with and without address randomisation, built by two releases of Go, and of twice as large
// a leak.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "support/build_flavour.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

struct Leaky {
  std::string target, name;
};

void PrintTo(const Leaky& leaky, std::ostream* out) { *out << leaky.name; }

const Leaky kLeaky[] = {
    {"hung_goroutines", "send"},      {"hung_goroutines", "select"},
    {"hung_goroutines", "mutex"},     {"hung_goroutines", "cycle"},
    {"known_leaks", "http-body"},     {"known_leaks", "http-transport"},
    {"known_leaks", "context"},       {"known_leaks", "sql-rows"},
    {"known_leaks", "prometheus"},    {"known_leaks", "scanner-pipe"},
    {"scenarios", "substring"},       {"scenarios", "subslice"},
    {"scenarios", "lost-elements"},   {"scenarios", "stale-tail"},
    {"scenarios", "finalizer-cycle"}, {"scenarios", "defer-pileup"},
    {"scenarios", "map-not-shrunk"},
};

class FingerprintTest : public testing::TestWithParam<Leaky> {};
INSTANTIATE_TEST_SUITE_P(Leak, FingerprintTest, testing::ValuesIn(kLeaky),
                         [](const auto& parameter) {
                           std::string name = parameter.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

using Fingerprints = std::set<std::string>;

/// Of what is at least likely in a program that runs.
Fingerprints fingerprints_of(const TargetProcess& target) {
  CommandResult result =
      run_seep({"diagnose", std::to_string(target.pid()), "--for", "0", "--json"});
  nlohmann::json report = nlohmann::json::parse(result.out, nullptr, false);
  EXPECT_TRUE(report.is_object()) << result.err;
  Fingerprints fingerprints;
  if (!report.is_object()) return fingerprints;
  for (const nlohmann::json& finding : report["findings"])
    if (finding["confidence"] != "possible") fingerprints.insert(finding["fingerprint"]);
  return fingerprints;
}

/// Runs the leaky twin, with a word before it if there is one, and does its work once or twice.
Fingerprints fingerprints_in(const Leaky& leaky, const std::string& go,
                             const std::vector<std::string>& before, bool twice) {
  Result<std::string> program = build_target(leaky.target, go);
  EXPECT_TRUE(program) << program.error().message;
  if (!program) return {};
  std::vector<std::string> words = before;
  words.insert(words.end(), {*program, leaky.name, "leaky"});
  Result<TargetProcess> target =
      TargetProcess::start(words.front(), {words.begin() + 1, words.end()});
  EXPECT_TRUE(target) << target.error().message;
  if (!target) return {};
  if (twice) {
    EXPECT_TRUE(target->step());
  }
  return fingerprints_of(*target);
}

/// What a package variable without a name holds by value has no type, and before Go 1.22, where
/// objects do not name theirs, neither has what that points to: the type is no part of the
/// identity.
bool knows_less(const Leaky& leaky, const std::string& go) {
  bool holds_by_value = leaky.name == "lost-elements";
  return holds_by_value && !no_debug_information().empty() && minor_of(go) < 22;
}

TEST_P(FingerprintTest, is_the_same_in_every_run_and_of_every_release) {
  std::vector<std::string> releases = go_toolchains();
  if (releases.empty()) GTEST_SKIP() << "no Go release is installed";
  Fingerprints first = fingerprints_in(GetParam(), releases.back(), {}, false);
  EXPECT_FALSE(first.empty()) << "nothing is found";
  EXPECT_EQ(fingerprints_in(GetParam(), releases.back(), {"/usr/bin/setarch", "-R"}, false), first)
      << "without address randomisation";
  if (GetParam().target != "hung_goroutines") {
    EXPECT_EQ(fingerprints_in(GetParam(), releases.back(), {}, true), first) << "grown";
  }
  Fingerprints of_older;
  for (const std::string& go : releases) {
    Fingerprints found = fingerprints_in(GetParam(), go, {}, false);
    Fingerprints& same = knows_less(GetParam(), go) ? of_older : first;
    if (same.empty()) same = found;
    EXPECT_FALSE(found.empty()) << "nothing is found in that of Go " << go;
    EXPECT_EQ(found, same) << "Go " << go;
  }
}

}  // namespace
}  // namespace seep::test
