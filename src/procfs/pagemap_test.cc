#include "procfs/pagemap.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>

namespace seep::procfs {
namespace {

constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kSwapped = std::uint64_t{1} << 62;
constexpr std::uint64_t kFile = std::uint64_t{1} << 61;
constexpr std::uint64_t kOnce = std::uint64_t{1} << 56;

AddressRange pages(std::uint64_t first, std::uint64_t end) {
  return {Address(first * kPageBytes), Address(end * kPageBytes)};
}

TEST(PageRuns, join_pages_that_are_alike) {
  std::vector<PageRun> runs;
  std::array<std::uint64_t, 7> entries = {kPresent | kOnce, kPresent | kFile, 0, kSwapped, kPresent,
                                          kPresent,         kPresent | kOnce};
  add_page_runs(Address(10 * kPageBytes), entries, runs);
  std::array<std::uint64_t, 1> more = {kPresent | kOnce};
  add_page_runs(Address(17 * kPageBytes), more, runs);
  EXPECT_EQ(runs, (std::vector<PageRun>{
                      {pages(10, 12), false}, {pages(14, 16), true}, {pages(16, 18), false}}));
}

TEST(PageMap, tells_touched_pages_from_others_and_from_zeros) {
  constexpr std::size_t kPages = 100000;  // more than are read at once
  void* memory = mmap(nullptr, kPages * kPageBytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  ASSERT_EQ(madvise(memory, kPages * kPageBytes, MADV_NOHUGEPAGE), 0);
  volatile char* bytes = static_cast<char*>(memory);
  bytes[3 * kPageBytes] = 1;
  bytes[4 * kPageBytes] = 1;
  bytes[(kPages - 1) * kPageBytes] = 1;
  char read = bytes[8 * kPageBytes];  // maps the page of zeros
  EXPECT_EQ(read, 0);
  Result<PageMap> map = PageMap::open(getpid());
  ASSERT_TRUE(map) << map.error().message;
  std::uint64_t first = reinterpret_cast<std::uint64_t>(memory) / kPageBytes;
  Result<std::vector<PageRun>> runs = map->runs(pages(first, first + kPages));
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(*runs, (std::vector<PageRun>{{pages(first + 3, first + 5), false},
                                         {pages(first + 8, first + 9), true},
                                         {pages(first + kPages - 1, first + kPages), false}}));
  munmap(memory, kPages * kPageBytes);
}

TEST(PageMap, of_no_process_is_not_found) {
  EXPECT_EQ(PageMap::open(0x3ffffff).error().kind, ErrorKind::kNotFound);
}

TEST(PageMap, ends_where_addresses_end) {
  Result<PageMap> map = PageMap::open(getpid());
  ASSERT_TRUE(map);
  Result<std::vector<PageRun>> runs = map->runs({Address(~std::uint64_t{0} << 30), Address(~0ull)});
  EXPECT_TRUE(!runs || runs->empty());
}

}  // namespace
}  // namespace seep::procfs
