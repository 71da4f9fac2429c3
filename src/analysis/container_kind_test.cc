#include "analysis/container_kind.h"

#include <gtest/gtest.h>

namespace seep::analysis {
namespace {

TEST(ContainerKindTest, is_told_from_the_types_on_the_way) {
  EXPECT_EQ(container_kind({"map[string]*main.session", "main.session"}), ContainerKind::kMap);
  EXPECT_EQ(container_kind({"[]*main.session", "main.session"}), ContainerKind::kSlice);
  EXPECT_EQ(container_kind({"chan *main.session", "main.session"}), ContainerKind::kChannel);
  EXPECT_EQ(container_kind({"list.List", "*list.Element", "main.session"}), ContainerKind::kList);
  EXPECT_EQ(container_kind({"main.node", "*main.node"}), ContainerKind::kList);
  EXPECT_EQ(container_kind({"main.config", "[4096]uint8"}), ContainerKind::kUnknown);
}

TEST(ContainerKindTest, containers_of_the_library_are_not_taken_for_what_they_are_made_of) {
  EXPECT_EQ(container_kind({"sync.Map", "map[interface {}]*sync.entry"}), ContainerKind::kSyncMap);
  EXPECT_EQ(container_kind({"sync.Pool", "[]sync.poolLocal", "[]uint8"}), ContainerKind::kPool);
  EXPECT_EQ(container_kind({"*context.cancelCtx", "map[context.canceler]struct {}"}),
            ContainerKind::kContext);
  EXPECT_EQ(container_kind({"main.lru", "map[int]*list.Element", "list.Element"}),
            ContainerKind::kCache);
}

TEST(ContainerKindTest, types_of_keys_and_elements_are_read_from_the_name) {
  EXPECT_EQ(map_types("map[string]*main.session"), (MapTypes{"string", "*main.session"}));
  EXPECT_EQ(map_types("*map[[4]int]map[string]int"), (MapTypes{"[4]int", "map[string]int"}));
  EXPECT_EQ(map_types("[]string"), MapTypes{});
  EXPECT_EQ(map_types("map[unclosed"), MapTypes{});
}

}  // namespace
}  // namespace seep::analysis
