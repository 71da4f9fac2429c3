// Profiles that are made of a snapshot, compared with those that the program's own runtime/pprof
// wrote of itself; both are read by the `go tool pprof` of the same release.
#include "pipeline/snapshot_profiles.h"

#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <utility>

#include "pipeline/capture.h"
#include "profile/profile_writer.h"
#include "support/command.h"
#include "support/pprof_tool.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

/// Flat and cumulative figures of a function as pprof prints them: "6553600B".
using Figures = std::pair<std::string, std::string>;

class SnapshotProfilesTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    Result<std::string> program = build_target("own_profiles", GetParam());
    ASSERT_TRUE(program) << program.error().message;
    Result<TargetProcess> target = TargetProcess::start(*program, {folder_.path()});
    ASSERT_TRUE(target) << target.error().message;
    goroutines_ = nlohmann::json::parse(target->truth())["goroutines"];
    Result<snapshot::Snapshot> taken = pipeline::capture(target->pid(), {});
    ASSERT_TRUE(taken) << taken.error().message;
    std::optional<profile::Profile> heap = pipeline::heap_profile_of(*taken);
    ASSERT_TRUE(heap);
    save(*heap, "seep.heap");
    save(pipeline::goroutine_profile_of(*taken), "seep.goroutine");
    EXPECT_EQ(harm_done_to(target->pid()), "");
  }

  void save(const profile::Profile& profile, const std::string& name) {
    Result<void> written = profile::write_profile_file(profile, folder_.file(name));
    ASSERT_TRUE(written) << written.error().message;
  }

  /// What `go tool pprof -top` says of a file.
  std::string top(const std::string& name, const std::string& sample_type) {
    CommandResult result = pprof_top(GetParam(), folder_.file(name), sample_type, folder_.path());
    EXPECT_EQ(result.status, 0) << result.out << result.err;
    return result.out;
  }

  /// Of the functions of package main, but for the two that go on after the runtime's look: they
  /// write its profile.
  std::map<std::string, Figures> of_main(const std::string& printed) {
    std::map<std::string, Figures> figures;
    std::istringstream lines(printed);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string flat, flat_share, sum_share, cum, cum_share, function;
      if (words >> flat >> flat_share >> sum_share >> cum >> cum_share >> function &&
          function.starts_with("main.") && function != "main.main" && function != "main.write")
        figures[function] = {flat, cum};
    }
    return figures;
  }

  TemporaryFolder folder_;
  int goroutines_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Go, SnapshotProfilesTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(SnapshotProfilesTest, heap_figures_are_those_of_runtime_pprof) {
  for (const char* type : {"inuse_space", "inuse_objects", "alloc_space", "alloc_objects"}) {
    SCOPED_TRACE(type);
    std::string own = top("heap", type), seen = top("seep.heap", type);
    std::map<std::string, Figures> expected = of_main(own);
    // Chance takes the samples: functions that make little may have none.
    EXPECT_TRUE(expected.contains("main.newSession") && expected.contains("main.keepBlocks"))
        << own;
    EXPECT_EQ(of_main(seen), expected) << seen << own;
  }
}

TEST_P(SnapshotProfilesTest, goroutine_figures_are_those_of_runtime_pprof) {
  std::string own = top("goroutine", "goroutine"), seen = top("seep.goroutine", "goroutine");
  std::map<std::string, Figures> figures = of_main(seen);
  EXPECT_EQ(figures["main.waitForValue"].second, "100") << seen;
  EXPECT_EQ(figures["main.waitForChoice"].second, "25") << seen;
  for (const auto& [function, expected] : of_main(own))
    EXPECT_EQ(figures[function].second, expected.second) << function << seen << own;
  EXPECT_NE(seen.find("of " + std::to_string(goroutines_) + " total"), std::string::npos) << seen;
}

}  // namespace
}  // namespace seep::test
