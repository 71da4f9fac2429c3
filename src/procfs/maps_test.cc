#include "procfs/maps.h"

#include <gtest/gtest.h>
#include <unistd.h>

namespace seep::procfs {
namespace {

TEST(Maps, reads_rights_offset_inode_and_path) {
  Diagnostics diagnostics;
  std::vector<Mapping> mappings = parse_maps(
      "00400000-00452000 r-xp 00001000 08:02 173521      /usr/bin/db us\n"
      "7ffc1000-7ffc3000 rw-s 00000000 00:00 0 \n"
      "7ffd0000-7ffd2000 rw-p 00000000 00:00 0                          [stack]\n",
      diagnostics);
  ASSERT_EQ(mappings.size(), 3u);
  EXPECT_EQ(mappings[0].range, (AddressRange{Address(0x400000), Address(0x452000)}));
  EXPECT_TRUE(mappings[0].readable && mappings[0].executable);
  EXPECT_FALSE(mappings[0].writable || mappings[0].shared || mappings[0].is_anonymous());
  EXPECT_EQ(mappings[0].offset, 0x1000u);
  EXPECT_EQ(mappings[0].inode, 173521u);
  EXPECT_EQ(mappings[0].path, "/usr/bin/db us");
  EXPECT_TRUE(mappings[1].shared && mappings[1].writable && mappings[1].is_anonymous());
  EXPECT_EQ(mappings[1].path, "");
  EXPECT_EQ(mappings[2].path, "[stack]");
  EXPECT_TRUE(diagnostics.counts().empty());
}

TEST(Maps, counts_lines_that_make_no_sense) {
  Diagnostics diagnostics;
  std::vector<Mapping> mappings = parse_maps(
      "zz-10 r-xp 0 0:0 0\n"
      "20-10 r-xp 0 0:0 0\n"
      "10-20 r-x 0 0:0 0\n"
      "10-20 r-xp 0 0:0\n"
      "-\n"
      "ffffffffffffffffff-0 r-xp 0 0:0 0\n"
      "1000-2000 r-xp 0 0:0 0",
      diagnostics);
  EXPECT_EQ(mappings.size(), 1u);
  EXPECT_EQ(diagnostics.counts().begin()->second, 6u);
}

TEST(Maps, sorts_and_finds_by_address) {
  Diagnostics diagnostics;
  std::vector<Mapping> mappings =
      parse_maps("3000-4000 r--p 0 0:0 0\n1000-2000 rw-p 0 0:0 0\n", diagnostics);
  ASSERT_EQ(mappings.size(), 2u);
  EXPECT_EQ(find_mapping(mappings, Address(0x1fff)), &mappings[0]);
  EXPECT_EQ(find_mapping(mappings, Address(0x2000)), nullptr);
  EXPECT_EQ(find_mapping(mappings, Address(0x3000)), &mappings[1]);
  EXPECT_EQ(find_mapping(mappings, Address(0)), nullptr);
}

TEST(Maps, of_this_process_hold_this_function) {
  Diagnostics diagnostics;
  Result<std::vector<Mapping>> mappings = read_maps(getpid(), diagnostics);
  ASSERT_TRUE(mappings) << mappings.error().message;
  const Mapping* text =
      find_mapping(*mappings, Address(reinterpret_cast<std::uint64_t>(&parse_maps)));
  ASSERT_NE(text, nullptr);
  EXPECT_TRUE(text->executable);
  EXPECT_TRUE(diagnostics.counts().empty());
}

TEST(Maps, of_no_process_are_not_found) {
  Diagnostics diagnostics;
  Result<std::vector<Mapping>> mappings = read_maps(0x3ffffff, diagnostics);
  ASSERT_FALSE(mappings);
  EXPECT_EQ(mappings.error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::procfs
