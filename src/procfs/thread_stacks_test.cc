#include "procfs/thread_stacks.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

namespace seep::procfs {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

std::vector<ResidentMapping> drawn(const std::string& maps) {
  Diagnostics diagnostics;
  std::vector<ResidentMapping> mappings = parse_smaps(maps, diagnostics);
  EXPECT_TRUE(diagnostics.counts().empty());
  return mappings;
}

AddressRange range(std::uint64_t begin, std::uint64_t bytes) {
  return {Address(begin), Address(begin + bytes)};
}

TEST(StackPointer, is_the_last_but_one_word) {
  EXPECT_EQ(parse_stack_pointer("202 0x1 0x80 0x0 0x0 0x0 0x0 0x7f12345678 0x46e3a3\n"),
            Address(0x7f12345678));
  EXPECT_EQ(parse_stack_pointer("-1 0x7ffd00 0x46e3a3\n"), Address(0x7ffd00));
}

TEST(StackPointer, of_a_running_thread_is_unknown) {
  EXPECT_FALSE(parse_stack_pointer("running\n"));
  EXPECT_FALSE(parse_stack_pointer(""));
  EXPECT_FALSE(parse_stack_pointer("202 0x1 0x80\n"));
  EXPECT_FALSE(parse_stack_pointer("-1 700 700\n"));
}

TEST(StackPointers, of_this_process_do_not_fail) { read_stack_pointers(getpid()); }

TEST(ThreadStacks, lie_on_a_guard_and_hold_a_stack_pointer) {
  std::vector<ResidentMapping> mappings = drawn(
      "10000000-10001000 ---p 0 00:00 0 \n10001000-10801000 rw-p 0 00:00 0 \n"
      "20000000-20800000 rw-p 0 00:00 0 \n");
  EXPECT_EQ(find_thread_stacks(mappings, {Address(0x107fff00)}),
            (std::vector<AddressRange>{range(0x10001000, 8 * kMiB)}));
  EXPECT_TRUE(find_thread_stacks(mappings, {Address(0x20000100)}).empty());
  EXPECT_TRUE(find_thread_stacks(mappings, {}).empty());
}

TEST(ThreadStacks, of_ended_threads_look_like_the_others) {
  std::vector<ResidentMapping> mappings = drawn(
      "10000000-10001000 ---p 0 00:00 0 \n10001000-10801000 rw-p 0 00:00 0 \n"
      "20000000-20001000 ---p 0 00:00 0 \n20001000-20801000 rw-p 0 00:00 0 \n"
      "30000000-30001000 ---p 0 00:00 0 \n30001000-30011000 rw-p 0 00:00 0 \n");
  EXPECT_EQ(find_thread_stacks(mappings, {Address(0x107fff00)}),
            (std::vector<AddressRange>{range(0x10001000, 8 * kMiB), range(0x20001000, 8 * kMiB)}));
}

TEST(ThreadStacks, end_where_the_kernel_has_joined_another_mapping) {
  std::vector<ResidentMapping> mappings = drawn(
      "10000000-10001000 ---p 0 00:00 0 \n10001000-10801000 rw-p 0 00:00 0 \n"
      "20000000-20001000 ---p 0 00:00 0 \n20001000-40000000 rw-p 0 00:00 0 \n");
  EXPECT_EQ(find_thread_stacks(mappings, {Address(0x107fff00), Address(0x207fff00)}),
            (std::vector<AddressRange>{range(0x10001000, 8 * kMiB), range(0x20001000, 8 * kMiB)}));
}

TEST(ThreadStacks, are_no_arenas_of_malloc) {
  std::vector<ResidentMapping> mappings = drawn(
      "10000000-10001000 ---p 0 00:00 0 \n10001000-10801000 rw-p 0 00:00 0 \n"
      "7f0000000000-7f0000021000 rw-p 0 00:00 0 \n7f0000021000-7f0004000000 ---p 0 00:00 0 \n"
      "7f0004000000-7f0004a00000 rw-p 0 00:00 0 \n7f0004a00000-7f0008000000 ---p 0 00:00 0 \n");
  EXPECT_EQ(find_thread_stacks(mappings, {Address(0x107fff00), Address(0x7f0000020000)}),
            (std::vector<AddressRange>{range(0x10001000, 8 * kMiB)}));
}

}  // namespace
}  // namespace seep::procfs
