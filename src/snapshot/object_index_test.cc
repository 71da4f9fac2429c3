#include "snapshot/object_index.h"

#include <gtest/gtest.h>

namespace seep::snapshot {
namespace {

Span span(std::uint64_t start, std::uint64_t bytes, std::uint64_t slot_bytes, std::uint32_t slots,
          std::uint32_t first, std::uint8_t data_offset = 0) {
  Span result;
  result.start = Address(start);
  result.bytes = bytes;
  result.slot_bytes = slot_bytes;
  result.slot_count = slots;
  result.first = ObjectId{first};
  result.data_offset = data_offset;
  return result;
}

TEST(ObjectIndex, finds_every_byte_of_every_slot_of_all_size_classes) {
  // Go's size classes (runtime/sizeclasses.go): slot size and span size.
  struct Class {
    std::uint64_t slot_bytes, span_bytes;
  };
  for (Class c : {Class{8, 8192},
                  {24, 8192},
                  {48, 8192},
                  {112, 8192},
                  {1152, 8192},
                  {1408, 16384},
                  {3072, 24576},
                  {6784, 40960},
                  {9472, 57344},
                  {27264, 81920},
                  {32768, 32768}}) {
    std::uint32_t slots = static_cast<std::uint32_t>(c.span_bytes / c.slot_bytes);
    std::uint64_t start = 0x3d703c00000;
    Result<ObjectIndex> index =
        ObjectIndex::build({span(start, c.span_bytes, c.slot_bytes, slots, 5)});
    ASSERT_TRUE(index);
    for (std::uint64_t offset = 0; offset < c.span_bytes; ++offset) {
      ObjectIndex::Hit hit = index->find(start + offset);
      std::uint64_t slot = offset / c.slot_bytes;
      ASSERT_EQ(hit.object.value, slot < slots ? 5 + slot : 0) << c.slot_bytes << " at " << offset;
      if (slot < slots) {
        ASSERT_EQ(hit.interior, offset % c.slot_bytes != 0);
      }
    }
  }
}

TEST(ObjectIndex, large_object_is_one_slot_however_long) {
  std::uint64_t bytes = std::uint64_t{300} << 20;
  Result<ObjectIndex> index = ObjectIndex::build({span(0xc000000000, bytes, bytes, 1, 9)});
  ASSERT_TRUE(index);
  EXPECT_EQ(index->find(std::uint64_t{0xc000000000}).object.value, 9u);
  EXPECT_FALSE(index->find(std::uint64_t{0xc000000000}).interior);
  EXPECT_EQ(index->find(0xc000000000 + bytes - 1).object.value, 9u);
  EXPECT_TRUE(index->find(0xc000000000 + bytes / 2).interior);
  EXPECT_TRUE(index->find(0xc000000000 + bytes).object.is_none());
  EXPECT_TRUE(index->find(std::uint64_t{0xbfffffffff}).object.is_none());
}

TEST(ObjectIndex, pointer_past_the_runtimes_header_is_not_interior) {
  Result<ObjectIndex> index = ObjectIndex::build({span(0xc000000000, 8192, 1024, 8, 1, 8)});
  ASSERT_TRUE(index);
  EXPECT_FALSE(index->find(0xc000000000 + 1024 + 8).interior);
  EXPECT_TRUE(index->find(0xc000000000 + 1024).interior);
}

TEST(ObjectIndex, refuses_spans_that_overlap_or_lie) {
  EXPECT_FALSE(ObjectIndex::build(
      {span(0xc000000000, 8192, 8, 1024, 1), span(0xc000000000, 8192, 8, 1024, 1025)}));
  EXPECT_FALSE(ObjectIndex::build({span(0xc000000000, 8192, 8, 1025, 1)}));
  EXPECT_FALSE(ObjectIndex::build({span(0xc000000000, 8192, 0, 1, 1)}));
  EXPECT_FALSE(ObjectIndex::build({span(0xc000000100, 8192, 8192, 1, 1)}));
  EXPECT_FALSE(
      ObjectIndex::build({span(0, 8192, 8192, 1, 1), span(0x7fffffff0000, 8192, 8192, 1, 2)}));
}

TEST(ObjectIndex, a_span_far_beyond_the_last_is_refused_before_anything_is_written) {
  EXPECT_FALSE(ObjectIndex::build({span(0xc000000000, 8192, 8192, 1, 1),
                                   span(0xc800000000, 8192, 8192, 1, 2),
                                   span(0xc000002000, 8192, 8192, 1, 3)}));
}

}  // namespace
}  // namespace seep::snapshot
