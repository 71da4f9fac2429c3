#include "goruntime/heap/view_windows.h"

#include <gtest/gtest.h>

#include "goruntime/types/library_facts.h"

namespace seep::goruntime {
namespace {

using snapshot::ObjectId;
using snapshot::ObjectIndex;
using snapshot::Span;
using snapshot::Window;

constexpr std::uint64_t kStart = 0xc000000000;
constexpr std::uint64_t kLarge = std::uint64_t{8} << 20;

/// Texts of 1024 bytes, rows of pointers of 512, small objects of 48, and one text of 8 MiB.
class ViewWindowsTest : public testing::Test {
 protected:
  ViewWindowsTest() {
    add(8192, 1024, true);
    add(8192, 512, false);
    add(8192, 48, true);
    add(kLarge, kLarge, true);
    index_ = *ObjectIndex::build(spans_);
  }

  void add(std::uint64_t bytes, std::uint64_t slot_bytes, bool pointer_free) {
    Span span;
    span.start = spans_.empty() ? Address(kStart) : spans_.back().end();
    span.bytes = bytes;
    span.slot_bytes = slot_bytes;
    span.slot_count = static_cast<std::uint32_t>(bytes / slot_bytes);
    span.first = ObjectId{next_};
    span.pointer_free = pointer_free;
    next_ += span.slot_count;
    spans_.push_back(span);
  }

  std::optional<Window> string(std::uint64_t address, std::uint64_t length) {
    return windows_.behind(address, index_.place_of(address), length, 0, 1);
  }
  std::optional<Window> slice(std::uint64_t address, std::uint64_t length, std::uint64_t capacity) {
    return windows_.behind(address, index_.place_of(address), length, capacity, 2);
  }

  std::uint32_t next_ = 1;
  std::vector<Span> spans_;
  ObjectIndex index_;
  ViewWindows windows_{spans_};
};

constexpr std::uint64_t kText = kStart + 2048;
constexpr std::uint64_t kRow = kStart + 8192 + 512;
constexpr std::uint64_t kSmall = kStart + 16384;
constexpr std::uint64_t kFar = kStart + 3 * 8192 + (kLarge / 2);

TEST_F(ViewWindowsTest, a_small_part_of_a_text_is_noted) {
  std::optional<Window> window = string(kText + 100, 16);
  ASSERT_TRUE(window);
  EXPECT_EQ(*window, (Window{0, 100, 16, Window::kNone}));
}

TEST_F(ViewWindowsTest, most_of_a_text_is_not) {
  EXPECT_FALSE(string(kText, 400));
  EXPECT_FALSE(string(kText, 1024));
}

TEST_F(ViewWindowsTest, what_leads_past_the_end_is_not) {
  EXPECT_FALSE(string(kText + 1000, 100));
  EXPECT_FALSE(string(kText, ~std::uint64_t{0}));
}

TEST_F(ViewWindowsTest, small_objects_do_not_matter) { EXPECT_FALSE(string(kSmall, 1)); }

TEST_F(ViewWindowsTest, a_capacity_is_noted_where_it_can_be_one) {
  EXPECT_EQ(slice(kText, 16, 32)->capacity, 32u);
  EXPECT_EQ(slice(kText, 16, 8)->capacity, Window::kNone);
  EXPECT_EQ(slice(kText, 16, 5000)->capacity, Window::kNone);
}

TEST_F(ViewWindowsTest, a_slice_of_all_is_not_noted) {
  EXPECT_FALSE(slice(kRow, 64, 64));
  EXPECT_FALSE(slice(kRow, 16, 16));  // of elements of 32 bytes
  EXPECT_FALSE(slice(kText, 128, 128));
}

TEST_F(ViewWindowsTest, of_rows_with_pointers_all_but_whole_slices_are_noted) {
  EXPECT_EQ(*slice(kRow, 10, 64), (Window{0, 0, 10, 64}));
  EXPECT_EQ(*slice(kRow + 80, 54, 54), (Window{0, 80, 54, 54}));
  EXPECT_FALSE(string(kRow, 10));       // a string leads to no pointers
  EXPECT_FALSE(slice(kRow, 10, 65));    // more words than there are
  EXPECT_FALSE(slice(kRow + 8, 0, 0));  // no slice: two zeros behind a pointer
}

TEST_F(ViewWindowsTest, far_in_a_large_object_the_span_tells) {
  std::optional<Window> window = string(kFar, 16);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->offset, kLarge / 2);
  EXPECT_FALSE(string(kFar, kLarge / 2 + 1));
}

TEST(LibraryFacts, of_releases) {
  EXPECT_EQ(library_facts("go1.17.13"), (snapshot::LibraryFacts{}));
  EXPECT_EQ(library_facts("go1.18.10"), (snapshot::LibraryFacts{true, false, false, false}));
  EXPECT_EQ(library_facts("go1.21.13"), (snapshot::LibraryFacts{true, true, true, false}));
  EXPECT_EQ(library_facts("go1.22.12"), (snapshot::LibraryFacts{true, true, true, true}));
  EXPECT_EQ(library_facts("something else"), (snapshot::LibraryFacts{}));
}

}  // namespace
}  // namespace seep::goruntime
