// Programs of a Go release that seep does not know: real ones whose release is written over in a
// copy, so that what is true of them is known. They are read, and said to be untested; where the
// runtime is not as seep thinks, one line says so and there is no report.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

/// Long after every release that there is.
constexpr const char* kFarMinor = "go1.99.";

std::string newest_go() { return go_versions().back(); }

/// "go1.99.4" of "1.27.4": as long as what it is written over.
std::string far_name(const std::string& release) {
  return kFarMinor + release.substr(release.rfind('.') + 1);
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  ASSERT_EQ(from.size(), to.size());
  ASSERT_NE(text.find(from), std::string::npos) << from;
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, to.size(), to);
  }
}

/// Two members of one length change places in the debug information.
void swap_names(std::string& text, const std::string& one, const std::string& other) {
  std::string between(one.size(), '#');
  replace_all(text, one + '\0', between + '\0');
  replace_all(text, other + '\0', one + '\0');
  replace_all(text, between + '\0', other + '\0');
}

class UntestedReleaseTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
  }

  /// Starts a program of `release` that says it is of a release far away. `damage` may change more.
  template <typename Damage>
  void start(const std::string& release, const std::vector<std::string>& flags, Damage damage) {
    target_.reset();
    Result<std::string> program = build_target("block", release, {flags, {}});
    ASSERT_TRUE(program) << program.error().message;
    std::string copy = folder_.copy_program(*program);
    std::string content = content_of(copy);
    replace_all(content, "go" + release, far_name(release));
    damage(content);
    std::ofstream(copy, std::ios::binary) << content;
    Result<TargetProcess> started = TargetProcess::start(copy);
    ASSERT_TRUE(started) << started.error().message;
    target_.emplace(std::move(*started));
  }
  void start(const std::string& release, const std::vector<std::string>& flags) {
    start(release, flags, [](std::string&) {});
  }

  CommandResult seep(const std::string& command) {
    return run_seep({command, std::to_string(target_->pid())});
  }

  void expect_read_and_said_to_be_untested() {
    CommandResult read = seep("heap");
    EXPECT_EQ(read.status, 0) << read.err;
    EXPECT_NE(read.out.find("release of Go that seep was not tested with (Go 1.99."),
              std::string::npos)
        << read.out;
  }

  /// One line, and that it names `reason`.
  void expect_refusal(const std::string& reason) {
    for (const char* command : {"heap", "goroutines"}) {
      CommandResult result = seep(command);
      EXPECT_EQ(wrong_with_refusal(result, " is newer than seep knows, and reading it as Go 1."),
                "");
      EXPECT_NE(result.err.find(" fails: "), std::string::npos) << result.err;
      EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
    }
    EXPECT_EQ(harm_done_to(target_->pid()), "");
  }

 private:
  TemporaryFolder folder_;
  std::optional<TargetProcess> target_;
};

TEST_F(UntestedReleaseTest, is_read_by_its_debug_information) {
  ASSERT_NO_FATAL_FAILURE(start(newest_go(), {}));
  expect_read_and_said_to_be_untested();
}

TEST_F(UntestedReleaseTest, is_refused_if_a_member_is_gone) {
  ASSERT_NO_FATAL_FAILURE(
      start(newest_go(), {"-ldflags=-compressdwarf=false"}, [](std::string& content) {
        replace_all(content, std::string("allspans") + '\0', std::string("everspan") + '\0');
      }));
  expect_refusal("runtime.mheap.allspans");
}

TEST_F(UntestedReleaseTest, is_refused_if_a_member_means_something_else) {
  ASSERT_NO_FATAL_FAILURE(
      start(newest_go(), {"-ldflags=-compressdwarf=false"},
            [](std::string& content) { swap_names(content, "freeindex", "allocBits"); }));
  expect_refusal("");
}

TEST_F(UntestedReleaseTest, is_read_as_the_newest_release_when_stripped) {
  ASSERT_NO_FATAL_FAILURE(start(newest_go(), {"-ldflags=-s -w"}));
  expect_read_and_said_to_be_untested();
}

// What the newest release has at a place, an old one has elsewhere.
TEST_F(UntestedReleaseTest, is_refused_when_stripped_and_not_like_the_newest_release) {
  for (const std::string& release : go_versions()) {
    if (!has_go(release) || release.substr(0, 4) >= "1.26") continue;
    ASSERT_NO_FATAL_FAILURE(start(release, {"-ldflags=-w"}));
    expect_refusal("");
  }
}

TEST(VersionTest, prints_which_releases_are_read) {
  CommandResult result = run_seep({"--version"});
  EXPECT_EQ(result.status, 0);
  std::string newest = newest_go();
  std::string minor = newest.substr(2, newest.rfind('.') - 2);
  EXPECT_NE(result.out.find("reads Go 1.12 to 1." + minor + " (tested up to go" + newest +
                            "), linux/amd64\n"),
            std::string::npos)
      << result.out;
}

}  // namespace
}  // namespace seep::test
