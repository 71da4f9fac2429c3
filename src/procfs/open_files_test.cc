#include "procfs/open_files.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace seep::procfs {
namespace {

TEST(OpenFiles, are_counted_by_kind) {
  Result<OpenFiles> before = read_open_files(getpid());
  ASSERT_TRUE(before) << before.error().message;
  std::array<int, 2> sockets{}, ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()), 0);
  ASSERT_EQ(pipe(ends.data()), 0);
  int third = dup(ends[0]);
  Result<OpenFiles> now = read_open_files(getpid());
  for (int descriptor : {sockets[0], sockets[1], ends[0], ends[1], third}) close(descriptor);
  ASSERT_TRUE(now) << now.error().message;
  EXPECT_EQ(now->sockets, before->sockets + 2);
  EXPECT_EQ(now->pipes, before->pipes + 3);
  EXPECT_EQ(now->files, before->files);
  EXPECT_EQ(now->others, before->others);
}

TEST(OpenFiles, of_a_process_that_is_not_there_is_an_error) {
  EXPECT_FALSE(read_open_files(0x7ffffff0));
}

TEST(OpenFiles, limit_is_the_soft_one) {
  EXPECT_EQ(
      parse_open_files_limit("Limit                     Soft Limit           Hard Limit\n"
                             "Max open files            1024                 524288  files\n"),
      1024u);
  EXPECT_EQ(parse_open_files_limit("Max open files            unlimited            unlimited\n"),
            std::nullopt);
  EXPECT_EQ(parse_open_files_limit("Max open files"), std::nullopt);
  EXPECT_EQ(parse_open_files_limit(""), std::nullopt);
}

}  // namespace
}  // namespace seep::procfs
