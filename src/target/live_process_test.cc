#include "target/live_process.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "procfs/proc_file.h"
#include "procfs/process_status.h"
#include "target/child_process_test.h"

namespace seep::target {
namespace {

constexpr std::size_t kPage = 4096;

// Three pages, the middle one without access.
std::byte* pages_with_hole() {
  void* memory =
      mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  std::byte* bytes = static_cast<std::byte*>(memory);
  for (std::size_t i = 0; i < 3 * kPage; ++i) bytes[i] = static_cast<std::byte>(i * 7);
  mprotect(bytes + kPage, kPage, PROT_NONE);
  return bytes;
}

class ReadingBytes : public testing::Test {
 protected:
  ReadingBytes()
      : bytes_(pages_with_hole()), child_([](SharedPage& shared) {
          shared.ready = 1;
          for (;;) pause();
        }) {}

  void SetUp() override { ASSERT_TRUE(child_.wait_ready()); }

  void check(const MemoryReader& memory) {
    Address address(reinterpret_cast<std::uint64_t>(bytes_));
    std::vector<std::byte> out(3 * kPage);
    EXPECT_EQ(memory.read_some(address, out), kPage);
    EXPECT_TRUE(std::equal(bytes_, bytes_ + kPage, out.begin()));
    EXPECT_EQ(memory.read_some(address + (kPage - 5), std::span(out).first(10)), 5u);
    EXPECT_EQ(out[4], bytes_[kPage - 1]);
    EXPECT_EQ(memory.read_some(address + 2 * kPage, std::span(out).first(kPage)), kPage);
    EXPECT_EQ(out[9], bytes_[2 * kPage + 9]);
    EXPECT_EQ(memory.read_some(address + kPage, out), 0u);
    EXPECT_EQ(memory.read_some(Address(~std::uint64_t{0} - 3), out), 0u);
    Result<void> failed = memory.read(address + (kPage - 5), std::span(out).first(10));
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::kUnreadable);
    EXPECT_EQ(failed.error().address, address + kPage);
    EXPECT_EQ(memory.read_some(address, {}), 0u);
  }

  // More pieces than go into one call, and one that is not there.
  void check_pieces(const MemoryReader& memory) {
    constexpr std::size_t kCount = 300, kHole = 140, kBytes = 8;
    Address address(reinterpret_cast<std::uint64_t>(bytes_));
    std::array<std::array<std::byte, kBytes>, kCount> out{};
    std::vector<MemoryPiece> pieces;
    for (std::size_t i = 0; i < kCount; ++i) pieces.push_back({address + i * 13, out[i], false});
    pieces[kHole].address = address + kPage;
    memory.read_pieces(pieces);
    for (std::size_t i = 0; i < kCount; ++i) {
      EXPECT_EQ(pieces[i].readable, i != kHole) << i;
      if (i != kHole) {
        EXPECT_TRUE(std::ranges::equal(out[i], std::span(bytes_ + i * 13, kBytes))) << i;
      }
    }
  }

  std::byte* bytes_;
  ChildProcess child_;
};

TEST_F(ReadingBytes, of_a_live_process_stops_at_holes) {
  Result<LiveProcess> live = LiveProcess::open(child_.pid());
  ASSERT_TRUE(live) << live.error().message;
  check(*live);
}

TEST_F(ReadingBytes, in_many_pieces_misses_none_but_those_in_holes) {
  Result<LiveProcess> live = LiveProcess::open(child_.pid());
  ASSERT_TRUE(live) << live.error().message;
  check_pieces(*live);
}

TEST_F(ReadingBytes, of_a_process_that_has_ended_reads_nothing) {
  Result<LiveProcess> live = LiveProcess::open(child_.pid());
  ASSERT_TRUE(live) << live.error().message;
  kill(child_.pid(), SIGKILL);
  child_.wait_end();
  std::array<std::byte, 8> out{};
  EXPECT_EQ(live->read_some(Address(reinterpret_cast<std::uint64_t>(bytes_)), out), 0u);
  Result<LiveProcess> again = LiveProcess::open(child_.pid());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::kNotFound);
}

TEST(LiveProcess, explains_a_process_that_is_not_there) {
  Result<LiveProcess> live = LiveProcess::open(0x3ffffff);
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::kNotFound);
  EXPECT_EQ(LiveProcess::open(-1).error().kind, ErrorKind::kInvalidArgument);
}

TEST(LiveProcess, explains_a_zombie) {
  ChildProcess child([](SharedPage&) { _exit(0); });
  ASSERT_TRUE(wait_until([&] { return procfs::read_stat(child.pid())->is_zombie(); }));
  Result<LiveProcess> live = LiveProcess::open(child.pid());
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(live.error().message.find("zombie"), std::string::npos);
}

TEST(LiveProcess, explains_a_kernel_thread) {
  Result<procfs::ProcessStat> stat = procfs::read_stat(2);
  if (!stat || !stat->is_kernel_thread()) GTEST_SKIP() << "no kernel threads to be seen here";
  Result<LiveProcess> live = LiveProcess::open(2);
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(live.error().message.find("kernel"), std::string::npos);
}

TEST(LiveProcess, explains_that_a_number_is_a_thread) {
  ChildProcess child([](SharedPage& shared) {
    std::jthread thread([&] {
      shared.value = gettid();
      shared.ready = 1;
      for (;;) pause();
    });
    thread.join();
  });
  ASSERT_TRUE(child.wait_ready());
  Result<LiveProcess> live = LiveProcess::open(static_cast<pid_t>(child.shared().value));
  ASSERT_FALSE(live);
  EXPECT_EQ(live.error().kind, ErrorKind::kInvalidArgument);
  EXPECT_NE(live.error().message.find(std::to_string(child.pid())), std::string::npos);
}

TEST(LiveProcess, says_whose_process_it_is) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
  ChildProcess other([](SharedPage& shared) {
    shared.ready = 1;
    for (;;) pause();
  });
  ASSERT_TRUE(other.wait_ready());
  ChildProcess nobody([pid = other.pid()](SharedPage& shared) {
    if (setuid(65534) != 0) _exit(3);
    Result<LiveProcess> live = LiveProcess::open(pid);
    bool right = !live && live.error().kind == ErrorKind::kPermissionDenied &&
                 live.error().message.find("belongs to user 0") != std::string::npos;
    shared.ready = 1;
    _exit(right ? 0 : 1);
  });
  EXPECT_EQ(nobody.wait_end(), 0);
}

}  // namespace
}  // namespace seep::target
