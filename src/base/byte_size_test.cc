#include "base/byte_size.h"

#include <gtest/gtest.h>

namespace seep {
namespace {

TEST(ByteSize, text_keeps_three_digits_and_a_binary_unit) {
  EXPECT_EQ(to_text(ByteSize(0)), "0 B");
  EXPECT_EQ(to_text(ByteSize(812)), "812 B");
  EXPECT_EQ(to_text(ByteSize(1536)), "1.50 KiB");
  EXPECT_EQ(to_text(ByteSize(24986)), "24.4 KiB");
  EXPECT_EQ(to_text(ByteSize(171ull << 20)), "171 MiB");
  EXPECT_EQ(to_text(ByteSize(1202590843)), "1.12 GiB");
}

TEST(ByteSize, text_steps_to_the_next_unit_before_four_digits) {
  EXPECT_EQ(to_text(ByteSize(1023)), "1023 B");
  EXPECT_EQ(to_text(ByteSize(1048575)), "1.00 MiB");
  EXPECT_EQ(to_text(ByteSize(~0ull)), "16384 PiB");
}

TEST(ByteSize, difference_stops_at_zero) { EXPECT_EQ((ByteSize(3) - ByteSize(5)).bytes(), 0u); }

}  // namespace
}  // namespace seep
