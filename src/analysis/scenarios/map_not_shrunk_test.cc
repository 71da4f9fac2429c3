#include "analysis/scenarios/map_not_shrunk.h"

#include <gtest/gtest.h>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

// A map with 1 MiB of places, an overflow bucket and one entry.
class MapNotShrunk : public testing::Test {
 protected:
  explicit MapNotShrunk(const char* variable = "main.users")
      : drawn_(std::string("root global ") + variable +
               R"(:map[int]*main.user -> m:map[int]*main.user[48]
          m.buckets -> places:main.bucket[1048576]
          places.overflow -> more:main.bucket[1048576]
          places.value -> user:main.user[4194304]
          object other:main.other[48]
        )") {
    snapshot::TypeTable& types = snapshot().types;
    for (std::uint32_t i = 1; i < types.size(); ++i) {
      snapshot::GoType& type = types.at(snapshot::TypeId{i});
      bool plumbing = type.name == "main.bucket" || (type.synthetic && type.name[0] == 'm');
      for (snapshot::Field& field : type.fields)
        if (plumbing && field.name != "value") field.role = snapshot::PartRole::kInternal;
    }
    snapshot().heap.maps = {{drawn_.drawing.object("m"), 1, 65536, 8, true},
                            {drawn_.drawing.object("other"), 1, 65536, 8, true}};
  }
  snapshot::Snapshot& snapshot() { return drawn_.drawing.snapshot; }
  snapshot::MapSize& map() { return snapshot().heap.maps[0]; }
  std::vector<Finding> findings() { return find_maps_not_shrunk(drawn_.evidence()); }

  test::DrawnEvidence drawn_;
};

TEST_F(MapNotShrunk, tells_what_stands_empty_and_who_holds_the_map) {
  std::vector<Finding> found = findings();
  ASSERT_EQ(found.size(), 1u) << "what only looks like a map is none";
  EXPECT_EQ(found[0].scenario, "map-not-shrunk");
  EXPECT_EQ(found[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(found[0].confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].count, 1u);
  EXPECT_EQ(found[0].type, "map[int]*main.user");
  ASSERT_EQ(found[0].holder.size(), 1u);
  EXPECT_EQ(found[0].holder[0].name, "main.users");
  EXPECT_EQ(found[0].bytes.bytes(), 2097152u - 2097152u * 8 / 65536) << "the entries stay";
  EXPECT_EQ(found[0].title, "1 entry in a map with room for 65,536: 2.00 MiB of it stand empty");
}

TEST_F(MapNotShrunk, a_map_that_may_have_been_made_so_large_is_only_possible) {
  map().held_more = false;
  EXPECT_EQ(findings()[0].confidence, Confidence::kPossible);
}

TEST_F(MapNotShrunk, a_map_that_is_an_eighth_full_is_no_finding) {
  map().entries = 7000;
  map().needed = 16384;
  EXPECT_TRUE(findings().empty());
}

TEST_F(MapNotShrunk, figures_that_contradict_themselves_are_no_finding) {
  map().needed = 0;
  EXPECT_TRUE(findings().empty());
  map() = {drawn_.drawing.object("m"), ~0ull, ~0ull, ~0ull, true};
  EXPECT_TRUE(findings().empty());
}

}  // namespace
}  // namespace seep::analysis
