#include "goruntime/types/type_mask.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "support/patched_memory.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

class TypeMaskTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    Result<test::ReadHeap> heap = test::ReadHeap::start("pointer_words", GetParam());
    ASSERT_TRUE(heap) << heap.error().message;
    heap_ = std::move(*heap);
    if (heap_.runtime.layout.bitmap != BitmapShape::kSpanAndHeaders) {
      GTEST_SKIP() << "before Go 1.22 objects have their masks in the arenas";
    }
    ASSERT_TRUE(heap_.read());
    nlohmann::json truth = nlohmann::json::parse(heap_.target->truth());
    for (const nlohmann::json& object : truth["objects"]) {
      addresses_[object["name"]] = Address(object["address"].get<std::uint64_t>());
    }
  }

  const target::MemoryReader& memory() const { return *heap_.runtime.memory; }

  Address large_type(const std::string& name) const {
    for (std::size_t i = 0; i < heap_.spans.details.size(); ++i) {
      if (heap_.heap().spans[i].start == addresses_.at(name)) {
        return heap_.spans.details[i].large_type;
      }
    }
    return Address();
  }

  test::ReadHeap heap_;
  std::map<std::string, Address> addresses_;
};

TEST_P(TypeMaskTest, masks_are_computed_where_the_runtime_has_not_made_them) {
  Address type = large_type("on demand");
  ASSERT_FALSE(type.is_null());
  std::uint64_t bytes = 3000 * 64;
  Result<std::vector<std::uint64_t>> made =
      read_pointer_bits(memory(), type, bytes, heap_.spans.masks_on_demand);
  ASSERT_TRUE(made) << made.error().message;
  for (std::size_t i = 0; i < made->size(); ++i) {
    EXPECT_EQ((*made)[i], 0x0101010101010101u) << i;
  }
  if (!heap_.spans.masks_on_demand) return;  // the allocator made it

  Result<std::uint64_t> slot = memory().read_value<std::uint64_t>(type + 32);
  ASSERT_TRUE(slot);
  // Not made; being made: the address of something in the program.
  for (std::uint64_t value : {std::uint64_t{0}, type.value()}) {
    test::PatchedMemory patched(memory());
    patched.patch(Address(*slot), value, 8);
    Result<std::vector<std::uint64_t>> computed = read_pointer_bits(patched, type, bytes);
    ASSERT_TRUE(computed) << computed.error().message;
    EXPECT_EQ(*computed, *made);
  }
}

TEST_P(TypeMaskTest, types_that_do_not_fit_into_their_object_are_refused) {
  Address type = large_type("on demand");
  TypeMaskCache cache(memory(), heap_.spans.masks_on_demand);
  EXPECT_EQ(cache.find(type, 3000 * 64 - 8), nullptr);
  EXPECT_NE(cache.find(type, 3000 * 64), nullptr);
  EXPECT_EQ(cache.find(type, 3000 * 64 - 8), nullptr);
  EXPECT_EQ(cache.find(Address(8), 1 << 20), nullptr);
}

TEST_P(TypeMaskTest, small_types_repeat_within_a_tile) {
  TypeMaskCache cache(memory());
  const TypeMask* pointers = cache.find(large_type("large slice"), 80000);
  ASSERT_NE(pointers, nullptr);
  EXPECT_EQ(pointers->tile_words, 64u);
  EXPECT_EQ(pointers->words, std::vector<std::uint64_t>{~std::uint64_t{0}});
  const TypeMask* links = cache.find(large_type("large structs"), 120000);
  ASSERT_NE(links, nullptr);
  EXPECT_EQ(links->tile_words, 63u);
  EXPECT_EQ(links->words, std::vector<std::uint64_t>{0x36db6db6db6db6dbu});
}

INSTANTIATE_TEST_SUITE_P(Go, TypeMaskTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
