#include "analysis/value_text.h"

#include <gtest/gtest.h>

namespace seep::analysis {
namespace {

TEST(ValueText, shows_a_preview_and_escapes_what_terminals_would_obey) {
  snapshot::Snapshot snapshot;
  snapshot.values.push_back({{3}, "GET /\x1b[2J \"x\"\n"});
  EXPECT_EQ(value_text(snapshot, {3}), "\"GET /\\x1b[2J \\\"x\\\"\\x0a\"");
}

TEST(ValueText, is_empty_for_objects_without_a_preview) {
  snapshot::Snapshot snapshot;
  EXPECT_EQ(value_text(snapshot, {3}), "");
  snapshot.values.push_back({{4}, "x"});
  EXPECT_EQ(value_text(snapshot, {3}), "");
  EXPECT_EQ(value_text(snapshot, {5}), "");
}

}  // namespace
}  // namespace seep::analysis
