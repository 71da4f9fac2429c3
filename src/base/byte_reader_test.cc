#include "base/byte_reader.h"

#include <gtest/gtest.h>

#include <vector>

namespace seep {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

TEST(ByteReader, failed_step_names_the_bytes_and_leaves_the_position) {
  std::vector<std::byte> data = bytes({1, 2, 3});
  ByteReader reader(data, "note");
  ASSERT_TRUE(reader.skip(2));
  Result<std::uint32_t> value = reader.read<std::uint32_t>();
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().kind, ErrorKind::kTruncated);
  EXPECT_NE(value.error().message.find("note ends at byte 3"), std::string::npos);
  EXPECT_EQ(reader.position(), 2u);
  EXPECT_FALSE(reader.skip(~0ull));
  EXPECT_FALSE(reader.seek(4));
}

TEST(ByteReader, uvarint_reads_leb128_and_refuses_more_than_64_bits) {
  std::vector<std::byte> data = bytes({0xe5, 0x8e, 0x26});
  EXPECT_EQ(*ByteReader(data, "x").read_uvarint(), 624485u);
  std::vector<std::byte> endless(11, std::byte{0xff});
  EXPECT_EQ(ByteReader(endless, "x").read_uvarint().error().kind, ErrorKind::kCorrupt);
  std::vector<std::byte> cut = bytes({0x80});
  EXPECT_EQ(ByteReader(cut, "x").read_uvarint().error().kind, ErrorKind::kTruncated);
}

TEST(ByteReader, c_string_needs_its_zero) {
  std::vector<std::byte> data = bytes({'g', 'o', 0, 'x'});
  ByteReader reader(data, "names");
  EXPECT_EQ(*reader.read_c_string(), "go");
  EXPECT_FALSE(reader.read_c_string());
}

Result<> twice_halved(Result<int> value, int* out) {
  *out = TRY(std::move(value)) / 2;
  return {};
}

TEST(Result, try_returns_the_error_from_the_function_around) {
  int out = 0;
  EXPECT_TRUE(twice_halved(8, &out));
  EXPECT_EQ(out, 4);
  Result<> failed = twice_halved(fail(ErrorKind::kNotFound, "no such thing"), &out);
  ASSERT_FALSE(failed);
  EXPECT_EQ(std::move(failed.error()).in_context("halving").message, "halving: no such thing");
}

}  // namespace
}  // namespace seep
