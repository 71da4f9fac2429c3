#include "goruntime/layout/go_version.h"

#include <gtest/gtest.h>

namespace seep::goruntime {
namespace {

TEST(GoVersion, reads_releases_and_candidates) {
  Result<GoVersion> release = parse_go_version("go1.27.4");
  ASSERT_TRUE(release);
  EXPECT_EQ(release->minor, 27);
  EXPECT_EQ(release->patch, 4);
  EXPECT_FALSE(release->development);
  EXPECT_EQ(release->text, "go1.27.4");
  Result<GoVersion> candidate = parse_go_version("go1.28rc1");
  ASSERT_TRUE(candidate);
  EXPECT_EQ(candidate->minor, 28);
  EXPECT_EQ(candidate->patch, 0);
}

TEST(GoVersion, reads_experiments_however_they_are_joined) {
  for (const char* text : {"go1.26.11 X:nogreenteagc,arenas", "go1.26.11-X:nogreenteagc,arenas"}) {
    Result<GoVersion> version = parse_go_version(text);
    ASSERT_TRUE(version) << text;
    EXPECT_EQ(version->patch, 11);
    ASSERT_EQ(version->experiments.size(), 2u) << text;
    EXPECT_EQ(version->experiments[0], "nogreenteagc");
    EXPECT_EQ(version->experiments[1], "arenas");
  }
}

TEST(GoVersion, reads_unreleased_trees) {
  Result<GoVersion> version =
      parse_go_version("devel go1.28-5f0a9c2e Tue Nov 3 10:00:00 2026 +0000 linux/amd64");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->minor, 28);
  EXPECT_TRUE(version->development);
  EXPECT_TRUE(version->experiments.empty());
}

TEST(GoVersion, refuses_what_is_no_version) {
  for (const char* text : {"", "go1.", "go2.1", "1.27", "go1.x", "go1.99999999999"}) {
    Result<GoVersion> version = parse_go_version(text);
    ASSERT_FALSE(version) << text;
    EXPECT_EQ(version.error().kind, ErrorKind::kUnsupported);
  }
}

TEST(GoVersion, supports_the_oldest_and_all_newer_releases) {
  EXPECT_TRUE(check_supported(*parse_go_version("go1.26.0")));
  EXPECT_TRUE(check_supported(*parse_go_version("go1.40.1")));
  Result<void> old = check_supported(*parse_go_version("go1.11.13"));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(old.error().message.find("go1.11.13"), std::string::npos);
}

}  // namespace
}  // namespace seep::goruntime
