// Real programs: tests/integration/go_figures_test.cc.
#include "goruntime/figures/memory_policy.h"

#include <gtest/gtest.h>

#include <string>

namespace seep::goruntime {
namespace {

bool advises(const std::string& release) { return advises_huge_pages(*parse_go_version(release)); }

TEST(MemoryPolicy, huge_pages_are_asked_for_until_a_patch_of_1_21) {
  EXPECT_TRUE(advises("go1.12.17"));
  EXPECT_TRUE(advises("go1.20.14"));
  EXPECT_TRUE(advises("go1.21.0"));
  EXPECT_TRUE(advises("go1.21.3"));
  EXPECT_FALSE(advises("go1.21.4"));
  EXPECT_FALSE(advises("go1.22"));
  EXPECT_FALSE(advises("go1.27.4"));
}

}  // namespace
}  // namespace seep::goruntime
