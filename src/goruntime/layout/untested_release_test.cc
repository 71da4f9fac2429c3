// Which releases count as unknown, and what is believed of them. Real programs of such a release
// are in tests/cli/untested_release_test.cc.
#include "goruntime/layout/untested_release.h"

#include <gtest/gtest.h>

#include <string>

#include "goruntime/layout/layout_table.h"

namespace seep::goruntime {
namespace {

std::optional<UntestedRelease> untested(const std::string& text, bool has_dwarf) {
  return untested_release(*parse_go_version(text), has_dwarf);
}

/// "27" of the newest release that is known, and one more than its patch.
std::string newest_minor() { return std::to_string(layout_table().releases.back().minor); }
std::string patch_after_newest() {
  return std::to_string(layout_table().releases.back().patch + 1);
}

TEST(UntestedReleaseTest, releases_that_were_looked_at_are_known) {
  for (const char* text :
       {"go1.12", "go1.12.17", "go1.13.2", "go1.24.13 X:noswissmap", "go1.26.0"}) {
    EXPECT_FALSE(untested(text, true)) << text;
    EXPECT_FALSE(untested(text, false)) << text;
  }
}

TEST(UntestedReleaseTest, a_newer_minor_release_is_not) {
  for (bool has_dwarf : {true, false}) {
    std::optional<UntestedRelease> release = untested("go1.99.3", has_dwarf);
    ASSERT_TRUE(release);
    EXPECT_EQ(release->name, "Go 1.99.3");
    EXPECT_EQ(release->read_as, "Go 1." + newest_minor());
  }
}

TEST(UntestedReleaseTest, nor_is_an_unreleased_tree) {
  std::optional<UntestedRelease> release = untested("devel go1.26-5f0a9c2", true);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->name, "devel go1.26-5f0a9c2");
  EXPECT_EQ(release->read_as, "Go 1.26");
}

TEST(UntestedReleaseTest, a_newer_patch_is_known_by_its_debug_information_only) {
  std::string newer = "1." + newest_minor() + "." + patch_after_newest();
  EXPECT_FALSE(untested("go" + newer, true));
  std::optional<UntestedRelease> release = untested("go" + newer, false);
  ASSERT_TRUE(release);
  EXPECT_EQ(release->name, "Go " + newer);
  EXPECT_EQ(release->read_as,
            "Go 1." + newest_minor() + "." + std::to_string(layout_table().releases.back().patch));
}

snapshot::Snapshot read_well() {
  snapshot::Snapshot read;
  read.invariants = {{"sums agree", true, "all of them"}, {"counts agree", true, "all of them"}};
  snapshot::Goroutine goroutine;
  goroutine.status = snapshot::GoroutineStatus::kWaiting;
  goroutine.unwound = true;
  read.goroutines.assign(10, goroutine);
  return read;
}

const std::optional<UntestedRelease> kRelease = UntestedRelease{"Go 1.99.3", "Go 1.27"};

TEST(UntestedReleaseTest, what_keeps_the_rules_is_believed_with_a_note) {
  snapshot::Snapshot read = read_well();
  EXPECT_TRUE(check_untested(kRelease, {}, read));
  ASSERT_EQ(read.diagnostics.counts().size(), 1u);
  EXPECT_NE(read.diagnostics.counts().begin()->first.find("not tested with (Go 1.99.3"),
            std::string::npos);
}

TEST(UntestedReleaseTest, the_first_broken_rule_is_named) {
  snapshot::Snapshot read = read_well();
  read.invariants[1] = {"counts agree", false, "3 of 4 do"};
  Result<void> outcome = check_untested(kRelease, {}, read);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(outcome.error().message,
            "Go 1.99.3 is newer than seep knows, and reading it as Go 1.27 fails: a rule of the "
            "runtime does not hold: counts agree (3 of 4 do); a newer seep may know it");
}

TEST(UntestedReleaseTest, stacks_that_cannot_be_read_break_a_rule) {
  snapshot::Snapshot read = read_well();
  read.goroutines[0].unwound = false;
  EXPECT_TRUE(check_untested(kRelease, {}, read));
  read.goroutines[1].unwound = false;
  Result<void> outcome = check_untested(kRelease, {}, read);
  ASSERT_FALSE(outcome);
  EXPECT_NE(outcome.error().message.find("stacks of goroutines are read to their ends (8 of 10"),
            std::string::npos)
      << outcome.error().message;
  read.goroutines.clear();
  EXPECT_FALSE(check_untested(kRelease, {}, read));
}

TEST(UntestedReleaseTest, errors_of_steps_say_that_the_release_is_unknown) {
  snapshot::Snapshot read;
  Result<void> broken = fail(ErrorKind::kUnreadable, "address 0x8 is not mapped");
  EXPECT_TRUE(check_untested(kRelease, broken, read)
                  .error()
                  .message.starts_with("Go 1.99.3 is newer than seep knows, and reading it as"));
  EXPECT_EQ(check_untested(std::nullopt, broken, read).error().message,
            "address 0x8 is not mapped");
  Result<void> gone = fail(ErrorKind::kTargetGone, "process 7 ended meanwhile");
  EXPECT_EQ(check_untested(kRelease, gone, read).error().message, "process 7 ended meanwhile");
}

TEST(UntestedReleaseTest, known_releases_are_not_judged) {
  snapshot::Snapshot read = read_well();
  read.invariants[0].holds = false;
  EXPECT_TRUE(check_untested(std::nullopt, {}, read));
  EXPECT_TRUE(read.diagnostics.counts().empty());
}

}  // namespace
}  // namespace seep::goruntime
