#include "procfs/smaps.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace seep::procfs {
namespace {

constexpr const char* kTwoMappings =
    "c000000000-c004000000 rw-p 00000000 00:00 0                      [anon: Go: heap]\n"
    "Size:              65536 kB\n"
    "Rss:                2048 kB\n"
    "Pss:                1024 kB\n"
    "Anonymous:          2048 kB\n"
    "LazyFree:            512 kB\n"
    "AnonHugePages:      1024 kB\n"
    "Swap:                  8 kB\n"
    "THPeligible:           1\n"
    "VmFlags: rd wr mr mw me ac sd hg\n"
    "00400000-00500000 r-xp 00001000 fe:02 77                         /bin/a b\n"
    "Rss:                  12 kB\n"
    "VmFlags: rd ex mr mw me pf\n";

TEST(Smaps, tells_each_mapping_and_its_figures_by_rising_address) {
  Diagnostics diagnostics;
  std::vector<ResidentMapping> mappings = parse_smaps(kTwoMappings, diagnostics);
  ASSERT_EQ(mappings.size(), 2u);
  EXPECT_EQ(mappings[0].mapping.path, "/bin/a b");
  EXPECT_EQ(mappings[0].mapping.device, makedev(0xfe, 2));
  EXPECT_TRUE(mappings[0].outside_rss);
  EXPECT_FALSE(mappings[0].figures.lazy_free);
  EXPECT_EQ(mappings[1].mapping.path, "[anon: Go: heap]");
  EXPECT_FALSE(mappings[1].outside_rss);
  EXPECT_TRUE(mappings[1].huge_advised);
  EXPECT_FALSE(mappings[0].huge_advised);
  EXPECT_EQ(mappings[1].figures,
            (MemoryFigures{2048 << 10, 1024 << 10, 2048 << 10, 1024 << 10, 8 << 10, 512 << 10}));
  EXPECT_TRUE(diagnostics.counts().empty());
}

TEST(Smaps, counts_what_it_does_not_understand_and_gives_it_to_nobody) {
  Diagnostics diagnostics;
  std::vector<ResidentMapping> mappings = parse_smaps(
      "Rss: 7 kB\n"
      "00400000-00500000 r-xp 00001000 fe:02 77 /bin/a\n"
      "Rss: 4 kB\nPss: many kB\nLazyFree: -1 kB\nSwap: 99999999999999999999 kB\n"
      "something else\n"
      "Rss: 8 kB\n:\n\n   \n",
      diagnostics);
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].figures, (MemoryFigures{.rss = 4 << 10}));
  EXPECT_EQ(diagnostics.counts().at("lines of /proc/PID/smaps not understood"), 4u);
}

TEST(Smaps, of_this_process_add_up_to_the_rollup) {
  Diagnostics diagnostics;
  Result<std::vector<ResidentMapping>> mappings = read_smaps(getpid(), diagnostics);
  Result<MemoryFigures> all = read_memory_figures(getpid());
  ASSERT_TRUE(mappings && all);
  std::uint64_t rss = 0;
  for (const ResidentMapping& mapping : *mappings) rss += mapping.figures.rss;
  EXPECT_NEAR(static_cast<double>(rss), static_cast<double>(all->rss), 1 << 20);
  EXPECT_TRUE(diagnostics.counts().empty());
}

TEST(SmapsRollup, needs_the_resident_size) {
  Result<MemoryFigures> figures = parse_memory_figures(
      "400000-7ffe000 ---p 00000000 00:00 0 [rollup]\nRss: 8 kB\nSwap: 4 kB\n");
  ASSERT_TRUE(figures);
  EXPECT_EQ(*figures, (MemoryFigures{.rss = 8 << 10, .swap = 4 << 10}));
  EXPECT_EQ(parse_memory_figures("").error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(parse_memory_figures("Rss: x kB\n").error().kind, ErrorKind::kCorrupt);
  EXPECT_EQ(read_memory_figures(0x3ffffff).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::procfs
