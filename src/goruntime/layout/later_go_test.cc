#include "goruntime/layout/later_go.h"

#include <gtest/gtest.h>

namespace seep::goruntime {
namespace {

using snapshot::LaterGo;

TEST(LaterGo, an_old_release_is_told_which_later_one_does_better) {
  EXPECT_EQ(later_go("go1.13.15"), (LaterGo{"Go 1.16", "Go 1.21.4", "Go 1.19", "Go 1.23"}));
}

TEST(LaterGo, what_the_program_has_needs_no_later_release) {
  EXPECT_EQ(later_go("go1.27.4"), LaterGo{});
}

TEST(LaterGo, a_patch_decides_where_only_a_patch_has_changed_it) {
  EXPECT_EQ(later_go("go1.21.3").leaves_huge_pages, "Go 1.21.4");
  EXPECT_EQ(later_go("go1.21.4").leaves_huge_pages, "");
}

TEST(LaterGo, an_unknown_version_tells_nothing) {
  EXPECT_EQ(later_go("something else"), LaterGo{});
}

}  // namespace
}  // namespace seep::goruntime
