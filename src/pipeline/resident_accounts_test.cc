#include "pipeline/resident_accounts.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <numeric>
#include <random>
#include <string>

namespace seep::pipeline {
namespace {

using goruntime::MemoryPart;
using procfs::PageRun;
using snapshot::Resident;
using snapshot::ResidentMemory;

constexpr std::uint64_t kPage = procfs::kPageBytes;
constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

AddressRange range(std::uint64_t begin, std::uint64_t bytes) {
  return {Address(begin), Address(begin + bytes)};
}

/// A process drawn by the lines of its smaps, and its pages by ranges.
class Drawing {
 public:
  Drawing& mapping(const std::string& smaps) {
    Diagnostics ignored;
    for (procfs::ResidentMapping& entry : procfs::parse_smaps(smaps, ignored)) {
      sources.rss_before += entry.figures.rss;
      sources.rss_after += entry.figures.rss;
      sources.mappings.push_back(std::move(entry));
    }
    return *this;
  }
  Drawing& pages(AddressRange resident, bool maybe_zeros = false) {
    if (!sources.runs) sources.runs.emplace();
    sources.runs->push_back({resident, maybe_zeros});
    return *this;
  }
  ResidentMemory accounts() { return resident_accounts(sources, diagnostics); }

  ResidentSources sources;
  Diagnostics diagnostics;
};

/// The accounts that hold something, as text: "C memory 4096".
std::string filled(const ResidentMemory& memory) {
  std::string text;
  for (std::size_t i = 0; i < snapshot::kResidentAccounts; ++i) {
    if (memory.accounts[i] == 0) continue;
    text += (text.empty() ? "" : ", ") + std::string(name_of(static_cast<Resident>(i))) + " " +
            std::to_string(memory.accounts[i]);
  }
  return text;
}

TEST(ResidentAccounts, divide_pages_of_spans_between_live_garbage_and_waste) {
  Drawing drawing;
  drawing.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 24 kB\n")
      .pages(range(0xc000000000, 24 * kKiB));
  drawing.sources.heap_divided = true;
  drawing.sources.claims = {{{range(0xc000000000, 8 * kKiB), Resident::kHeapLive, 4096, 1024, 512},
                             {range(0xc000002000, 8 * kKiB), Resident::kStacks},
                             {range(0xc000004000, 4 * kMiB - 16 * kKiB), Resident::kHeapFree}}};
  ResidentMemory memory = drawing.accounts();
  EXPECT_EQ(filled(memory),
            "Go heap, live 4096, Go heap, garbage 1024, Go heap, unused parts of spans 3072, "
            "Go heap, free and kept 8192, goroutine stacks 8192");
  EXPECT_EQ(memory.unjudged_bytes, 512u);
}

TEST(ResidentAccounts, find_records_of_profiles_among_the_tables) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 16 kB\n")
      .pages(range(0x7f0000000000, 16 * kKiB));
  drawing.sources.claims = {{{range(0x7f0000000000, 4 * kKiB), Resident::kProfileBuckets},
                             {range(0x7f0000001000, 12 * kKiB), Resident::kMetadata}}};
  drawing.sources.profile_record_bytes = 5000;
  EXPECT_EQ(filled(drawing.accounts()), "runtime metadata 7288, profile buckets 9096");
}

TEST(ResidentAccounts, keep_the_heap_in_one_if_it_is_not_divided) {
  Drawing drawing;
  drawing.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 8 kB\n")
      .pages(range(0xc000000000, 8 * kKiB));
  drawing.sources.claims = {{{range(0xc000000000, 8 * kKiB), Resident::kHeapLive, 1, 1}}};
  EXPECT_EQ(filled(drawing.accounts()), "Go heap, live 8192");
}

TEST(ResidentAccounts, give_present_pages_that_were_given_back_to_what_the_kernel_says_of_them) {
  Drawing lazy;
  lazy.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 4096 kB\nLazyFree: 3072 kB\n")
      .pages(range(0xc000000000, 4 * kMiB));
  lazy.sources.claims = {{{range(0xc000000000, 1 * kMiB), Resident::kHeapFree},
                          {range(0xc000100000, 3 * kMiB), Resident::kReturnedLazily}}};
  EXPECT_EQ(filled(lazy.accounts()), "Go heap, free and kept 1048576, given back lazily 3145728");

  Drawing huge;
  huge.mapping(
          "c000000000-c000400000 rw-p 0 00:00 0 \nRss: 3072 kB\nLazyFree: 0 kB\n"
          "AnonHugePages: 2048 kB\n")
      .pages(range(0xc000000000, 3 * kMiB));
  huge.sources.claims = {{{range(0xc000000000, 1 * kMiB), Resident::kHeapFree},
                          {range(0xc000100000, 2 * kMiB), Resident::kReturnedLazily}}};
  EXPECT_EQ(filled(huge.accounts()),
            "Go heap, free and kept 1048576, huge pages over given back 1048576, "
            "unexplained 1048576");
  EXPECT_EQ(huge.diagnostics.counts().begin()->second, 256u);
}

TEST(ResidentAccounts, count_pages_that_are_not_marked_yet_as_given_back_lazily) {
  Drawing drawing;
  drawing.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 12 kB\nLazyFree: 8 kB\n")
      .pages(range(0xc000000000, 12 * kKiB));
  drawing.sources.claims = {{{range(0xc000000000, 4 * kMiB), Resident::kReturnedLazily}}};
  EXPECT_EQ(filled(drawing.accounts()), "given back lazily 8192, unexplained 4096");
  drawing.sources.returns_lazily = true;
  EXPECT_EQ(filled(drawing.accounts()), "given back lazily 12288");
}

TEST(ResidentAccounts, believe_the_runtime_where_the_kernel_does_not_tell_of_lazy_pages) {
  Drawing drawing;
  drawing.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 8 kB\n")
      .pages(range(0xc000000000, 8 * kKiB));
  drawing.sources.claims = {{{range(0xc000000000, 4 * kMiB), Resident::kReturnedLazily}}};
  drawing.sources.returns_lazily = true;
  EXPECT_EQ(filled(drawing.accounts()), "given back lazily 8192");
}

TEST(ResidentAccounts, leave_out_pages_of_zeros) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 8 kB\n")
      .pages(range(0x7f0000000000, 8 * kKiB))
      .pages(range(0x7f0000002000, 64 * kKiB), true);
  EXPECT_EQ(filled(drawing.accounts()), "mapped by the program itself 8192");
}

TEST(ResidentAccounts, take_pages_that_a_fork_shares_for_what_they_are) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 64 kB\n")
      .pages(range(0x7f0000002000, 64 * kKiB), true);
  EXPECT_EQ(filled(drawing.accounts()), "mapped by the program itself 65536");
}

TEST(ResidentAccounts, go_by_name_and_file_where_nobody_claims) {
  Drawing drawing;
  drawing
      .mapping(
          "00400000-00401000 r-xp 0 fe:00 7 /bin/service\nRss: 4 kB\n"
          "00500000-00501000 rw-p 0 fe:00 7 /bin/service\nRss: 4 kB\n"
          "10000000-10001000 r--s 0 fe:00 9 /var/db\nRss: 4 kB\n"
          "20000000-20001000 rw-s 0 00:01 3 /memfd:x (deleted)\nRss: 4 kB\n"
          "21000000-21001000 rw-s 0 00:19 3 /run/x\nRss: 4 kB\n"
          "22000000-22001000 rw-s 0 00:01 5 /SYSV00000000 (deleted)\nRss: 4 kB\n"
          "30000000-30001000 rw-p 0 00:00 0 [stack]\nRss: 4 kB\n"
          "31000000-31001000 r-xp 0 00:00 0 [vdso]\nRss: 4 kB\n"
          "32000000-32001000 rw-p 0 00:00 0 [anon: Go: gc bits]\nRss: 4 kB\n"
          "40000000-40001000 rw-p 0 00:00 0 [heap]\nRss: 4 kB\n"
          "50000000-50001000 rw-p 0 00:00 0 \nRss: 4 kB\n"
          "60000000-60001000 rw-s 0 00:06 8 /dev/fb0\nRss: 4 kB\nVmFlags: rd wr pf io\n")
      .pages(range(0x400000, 2 * 1024 * kMiB));
  drawing.sources.rss_before = drawing.sources.rss_after -= 4 * kKiB;
  drawing.sources.memory_devices = {makedev(0, 0x19)};
  drawing.sources.other_malloc = true;
  EXPECT_EQ(filled(drawing.accounts()),
            "runtime metadata 4096, binary and libraries 8192, C memory 8192, thread stacks 4096, "
            "mapped files 4096, shared memory 12288, kernel's own 4096");
}

TEST(ResidentAccounts, give_the_runtime_no_more_anonymous_memory_than_it_has_mapped) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 4096 kB\n")
      .pages(range(0x7f0000000000, 4 * kMiB));
  drawing.sources.claims = {{{range(0x7f0000000000, 64 * kKiB), Resident::kProfileBuckets}}};
  drawing.sources.unclaimed_runtime_bytes = 1 * kMiB;
  EXPECT_EQ(
      filled(drawing.accounts()),
      "runtime metadata 1048576, profile buckets 65536, mapped by the program itself 3080192");
}

TEST(ResidentAccounts, prefer_the_stronger_claim) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 16 kB\n")
      .pages(range(0x7f0000000000, 16 * kKiB));
  drawing.sources.claims = {{{range(0x7f0000000100, 256), Resident::kProfileBuckets}},
                            {{range(0x7f0000000000, 8 * kKiB), Resident::kMetadata}},
                            {{range(0x7f0000001000, 64 * kKiB), Resident::kThreadStacks}}};
  EXPECT_EQ(filled(drawing.accounts()),
            "runtime metadata 7936, profile buckets 256, thread stacks 8192");
}

TEST(ResidentAccounts, fill_what_is_likely_where_pages_are_unknown) {
  Drawing drawing;
  drawing.mapping("c000000000-c000400000 rw-p 0 00:00 0 \nRss: 24 kB\nLazyFree: 4 kB\n");
  drawing.sources.claims = {{{range(0xc000000000, 8 * kKiB), Resident::kReturnedLazily},
                             {range(0xc000002000, 8 * kKiB), Resident::kHeapFree},
                             {range(0xc000004000, 8 * kKiB), Resident::kHeapLive},
                             {range(0xc000006000, 4 * kKiB), Resident::kStacks}}};
  ResidentMemory memory = drawing.accounts();
  EXPECT_FALSE(memory.pages_known);
  EXPECT_EQ(filled(memory),
            "Go heap, live 8192, Go heap, free and kept 8192, given back lazily 4096, "
            "goroutine stacks 4096");
}

TEST(ResidentAccounts, go_by_the_sum_of_a_mapping_whose_pages_were_not_looked_at) {
  Drawing drawing;
  drawing.mapping("10000000000-50000000000 rw-p 0 00:00 0 \nRss: 64 kB\n")
      .mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 [heap]\nRss: 16 kB\n")
      .pages(range(0x7f0000000000, 16 * kKiB));
  EXPECT_EQ(filled(drawing.accounts()), "C memory 16384, mapped by the program itself 65536");
}

TEST(ResidentAccounts, name_what_came_meanwhile_unexplained_and_take_off_what_went) {
  Drawing drawing;
  drawing.mapping("7f0000000000-7f0000400000 rw-p 0 00:00 0 \nRss: 16 kB\n")
      .pages(range(0x7f0000000000, 16 * kKiB));
  drawing.sources.rss_before = 12 * kKiB;
  drawing.sources.rss_after = 20 * kKiB;
  EXPECT_EQ(drawing.accounts().rss_bytes, 16 * kKiB);
  drawing.sources.rss_before = drawing.sources.rss_after;
  EXPECT_EQ(filled(drawing.accounts()), "mapped by the program itself 16384, unexplained 4096");
  drawing.sources.rss_before = drawing.sources.rss_after = 8 * kKiB;
  EXPECT_EQ(filled(drawing.accounts()), "mapped by the program itself 8192");
}

TEST(ResidentAccounts, know_libc_by_its_file_and_by_brk) {
  Diagnostics ignored;
  EXPECT_TRUE(uses_c(procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /lib/libc.so.6\n", ignored)));
  EXPECT_TRUE(
      uses_c(procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /lib/libc-2.31.so\n", ignored)));
  EXPECT_TRUE(uses_c(
      procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /lib/ld-musl-x86_64.so.1\n", ignored)));
  EXPECT_TRUE(uses_c(procfs::parse_smaps("10000-20000 rw-p 0 00:00 0 [heap]\n", ignored)));
  EXPECT_FALSE(uses_c(procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /bin/libcat\n", ignored)));
}

TEST(ResidentAccounts, know_other_mallocs_by_their_files) {
  Diagnostics ignored;
  EXPECT_TRUE(has_other_malloc(
      procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /usr/lib/libjemalloc.so.2\n", ignored)));
  EXPECT_FALSE(has_other_malloc(
      procfs::parse_smaps("10000-20000 r-xp 0 fe:00 7 /usr/lib/libc.so.6\n", ignored)));
}

// Whatever is drawn: the accounts add up to the kernel's figure.
TEST(ResidentAccounts, add_up_whatever_they_are_made_of) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    Drawing drawing;
    ResidentSources& sources = drawing.sources;
    std::uint64_t at = 0x10000;
    for (std::uint64_t i = random() % 6; i > 0; --i) {
      at += random() % 3 * kPage;
      std::uint64_t bytes = (1 + random() % 40) * kPage;
      procfs::ResidentMapping entry;
      entry.mapping.range = range(at, bytes);
      entry.mapping.inode = random() % 2;
      entry.mapping.executable = random() % 2 != 0;
      entry.figures.rss = random() % (bytes + kPage);
      entry.figures.huge_pages = random() % (bytes + kPage);
      if (random() % 2 != 0) entry.figures.lazy_free = random() % (bytes + kPage);
      sources.mappings.push_back(entry);
      at += bytes;
    }
    if (random() % 4 != 0) {
      sources.runs.emplace();
      std::uint64_t page = 0x10000;
      for (std::uint64_t i = random() % 10; i > 0; --i) {
        page += random() % 8 * kPage;
        std::uint64_t bytes = (1 + random() % 30) * kPage;
        sources.runs->push_back({range(page, bytes), random() % 3 == 0});
        page += bytes;
      }
    }
    for (std::uint64_t layer = random() % 3; layer > 0; --layer) {
      goruntime::MemoryParts parts;
      for (std::uint64_t i = random() % 20; i > 0; --i) {
        parts.push_back({range(0x10000 + random() % (1 << 20), random() % 50000),
                         static_cast<Resident>(random() % snapshot::kResidentAccounts), random(),
                         random()});
      }
      goruntime::make_disjoint(parts);
      for (std::size_t i = 1; i < parts.size(); ++i) {
        ASSERT_LE(parts[i - 1].range.end, parts[i].range.begin) << "seed " << seed;
      }
      sources.claims.push_back(std::move(parts));
    }
    sources.heap_divided = random() % 2 != 0;
    sources.other_malloc = random() % 2 != 0;
    if (random() % 2 != 0) sources.unclaimed_runtime_bytes = random() % (1 << 20);
    sources.rss_before = random() % (1 << 20);
    sources.rss_after = random() % (1 << 20);
    ResidentMemory memory = drawing.accounts();
    EXPECT_EQ(std::accumulate(memory.accounts.begin(), memory.accounts.end(), std::uint64_t{0}),
              memory.rss_bytes)
        << "seed " << seed;
    auto [least, most] = std::minmax(sources.rss_before, sources.rss_after);
    EXPECT_TRUE(memory.rss_bytes >= least && memory.rss_bytes <= most) << "seed " << seed;
  }
}

}  // namespace
}  // namespace seep::pipeline
