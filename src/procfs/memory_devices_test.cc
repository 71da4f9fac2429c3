#include "procfs/memory_devices.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

namespace seep::procfs {
namespace {

TEST(MemoryDevices, are_those_of_file_systems_in_memory) {
  EXPECT_EQ(
      parse_memory_devices("30 24 0:26 / /dev/shm rw,nosuid shared:4 - tmpfs tmpfs rw\n"
                           "31 24 254:1 / / rw - ext4 /dev/vda1 rw\n"
                           "32 24 0:7 / /dev rw - devtmpfs udev rw\n"
                           "33 24 0:31 /a/tmpfs /b rw master:1 propagate_from:2 - nfs x rw\n"),
      (std::set<dev_t>{makedev(0, 26), makedev(0, 7)}));
}

TEST(MemoryDevices, are_none_of_lines_that_make_no_sense) {
  EXPECT_TRUE(parse_memory_devices("").empty());
  EXPECT_TRUE(parse_memory_devices(" - tmpfs\n1 2 - tmpfs\n1 2 x:y / - tmpfs a\n1 2 3 4 - tmpfs\n"
                                   "1 2 99999999999:1 / - tmpfs\n")
                  .empty());
}

}  // namespace
}  // namespace seep::procfs
