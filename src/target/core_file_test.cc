// Core files written by hand: what is read from where, and what no core can do to seep.

#include "target/core_file.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/core_writer.h"
#include "support/seep_command.h"
#include "target/core_program.h"

namespace seep::target {
namespace {

constexpr std::uint32_t kReadWrite = PF_R | PF_W;
constexpr std::uint64_t kPage = 4096;

test::CoreWriter::Fill nothing() {
  return [](std::uint64_t, std::span<std::byte>) {};
}

std::string text_at(const MemoryReader& memory, std::uint64_t address, std::size_t bytes) {
  std::string text(bytes, '?');
  text.resize(memory.read_some(Address(address), std::as_writable_bytes(std::span(text))));
  return text;
}

std::string file_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class CoreFileTest : public testing::Test {
 protected:
  /// Writes and opens.
  std::unique_ptr<CoreFile> opened(const test::CoreWriter& writer) {
    Result<void> written = writer.write(path_);
    EXPECT_TRUE(written) << written.error().message;
    return reopened();
  }

  std::unique_ptr<CoreFile> reopened() {
    Result<std::unique_ptr<CoreFile>> core = CoreFile::open(path_);
    if (core) return std::move(*core);
    ADD_FAILURE() << core.error().message;
    return nullptr;
  }

  void overwrite(const std::string& bytes) {
    unlink(path_.c_str());  // ext4 flushes a file that is truncated and written anew
    std::ofstream(path_, std::ios::binary) << bytes;
  }

  test::TemporaryFolder folder_;
  std::string path_ = folder_.file("core");
};

TEST_F(CoreFileTest, memory_is_read_as_far_as_it_was_written) {
  test::CoreWriter writer;
  writer.add_segment(Address(0x10000), kReadWrite, std::string(kPage, 'a'));
  writer.add_segment(Address(0x11000), kReadWrite, std::string(kPage, 'b'));
  writer.add_segment(Address(0x13000), kReadWrite, std::string(kPage, 'c'));
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x10ffe, 4), "aabb") << "neighbours are read in one go";
  EXPECT_EQ(text_at(*core, 0x11ffe, 4), "bb") << "a hole ends a read";
  EXPECT_EQ(text_at(*core, 0x12000, 4), "");
  EXPECT_EQ(text_at(*core, 0x13ffe, 4), "cc");
  EXPECT_EQ(text_at(*core, 0xfffe, 4), "");
  EXPECT_EQ(text_at(*core, ~std::uint64_t{0} - 1, 4), "");
  EXPECT_EQ(core->cut_off_bytes(), 0u);
  EXPECT_TRUE(core->diagnostics().counts().empty());
}

TEST_F(CoreFileTest, what_was_not_written_is_not_readable) {
  test::CoreWriter writer;
  writer.add_segment({Address(0x10000), Address(0x13000)}, PF_R | PF_X, kPage, nothing());
  writer.add_segment({Address(0x20000), Address(0x23000)}, kReadWrite, 0, nothing());
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x10fff, 2).size(), 1u);
  EXPECT_EQ(text_at(*core, 0x20000, 2), "");
}

TEST_F(CoreFileTest, private_memory_that_the_kernel_knows_untouched_is_zero) {
  test::CoreWriter writer;
  writer.add_files({{{Address(0x30000), Address(0x31000)}, 0, "/data"}});
  writer.add_segment(Address(0x10000), kReadWrite, std::string(kPage, 'a'));
  writer.add_segment({Address(0x20000), Address(0x21000)}, kReadWrite, 0, nothing());
  writer.add_segment({Address(0x30000), Address(0x31000)}, kReadWrite, 0, nothing());
  writer.add_segment({Address(0x40000), Address(0x41000)}, 0, 0, nothing());
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x20ffe, 4), std::string(2, '\0'));
  EXPECT_EQ(text_at(*core, 0x30000, 2), "") << "a file's bytes are not zero";
  EXPECT_EQ(text_at(*core, 0x40000, 2), "") << "nobody may read there";
}

TEST_F(CoreFileTest, without_private_memory_in_the_core_nothing_is_zero) {
  test::CoreWriter writer;
  writer.add_files({{{Address(0x30000), Address(0x31000)}, 0, "/data"}});
  writer.add_segment({Address(0x20000), Address(0x21000)}, kReadWrite, 0, nothing());
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x20000, 2), "");
}

TEST_F(CoreFileTest, files_fill_only_what_the_program_could_not_write) {
  Result<elf::ElfFile> file = elf::ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(file);
  std::vector<elf::Segment> segments = file->segments();
  constexpr std::uint64_t kSlide = 0x10000000;
  Address first = segments.front().addresses.begin + kSlide;
  test::CoreWriter writer;
  writer.add_segment(first, PF_R, "core");
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  core->take_from(std::move(*file), kSlide);
  EXPECT_EQ(text_at(*core, first.value(), 4), "core") << "the core knows better than the file";
  EXPECT_EQ(text_at(*core, first.value() + 4, 3), std::string("\2\1\1")) << "the ELF header";
  for (const elf::Segment& segment : segments) {
    if (segment.file_bytes == 0) continue;
    Address last = segment.addresses.begin + kSlide + (segment.file_bytes - 1);
    EXPECT_EQ(text_at(*core, last.value(), 1).size(), segment.writable ? 0u : 1u);
    if (segment.writable) continue;
    Address page = last.aligned_down(kPage);
    EXPECT_EQ(text_at(*core, page.value(), kPage).size(), kPage) << "pages are mapped whole";
  }
}

TEST_F(CoreFileTest, a_file_that_is_taken_twice_changes_nothing) {
  Result<elf::ElfFile> file = elf::ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(file);
  std::vector<elf::Segment> segments = file->segments();
  test::CoreWriter writer;
  for (const elf::Segment& segment : segments) {
    if (!segment.writable) continue;
    writer.add_segment(segment.addresses.begin.aligned_down(kPage), kReadWrite,
                       std::string(2 * kPage, 'd'));
  }
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  core->take_from(std::move(*file), 0);
  Result<elf::ElfFile> again = elf::ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(again);
  core->take_from(std::move(*again), 0);
  for (const elf::Segment& segment : segments) {
    if (segment.file_bytes == 0) continue;
    EXPECT_EQ(text_at(*core, segment.addresses.begin.value(), 8).size(), 8u);
  }
}

TEST_F(CoreFileTest, notes_tell_threads_process_and_files) {
  test::CoreWriter writer;
  user_regs_struct registers{};
  registers.rip = 0x1234;
  registers.rsp = 0x5678;
  registers.r15 = 15;
  registers.fs_base = 0x9abc;
  std::vector<std::byte> xsave(1024);
  xsave[160 + 8 * 3] = std::byte{13};   // the upper word of xmm1
  xsave[576 + 8 * 31] = std::byte{31};  // the highest word of ymm15
  writer.add_thread(77, registers, xsave);
  writer.add_thread(78, {});
  writer.add_process(70, "a-service");
  writer.add_files({{{Address(0x7000), Address(0x9000)}, 0x2000, "/lib/b (deleted)"},
                    {{Address(0x1000), Address(0x3000)}, 0, "/bin/a"},
                    {{Address(0x2000), Address(0x4000)}, 0, "/overlaps/a"},
                    {{Address(0x6000), Address(0x5000)}, 0, "/ends/before/it/begins"}});
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  const CoreNotes& notes = core->notes();
  ASSERT_EQ(notes.threads.size(), 2u);
  EXPECT_EQ(notes.threads[0].tid, 77);
  EXPECT_EQ(notes.threads[0].rip, 0x1234u);
  EXPECT_EQ(notes.threads[0].rsp, 0x5678u);
  EXPECT_EQ(notes.threads[0].fs_base, 0x9abcu);
  EXPECT_EQ(notes.threads[0].general[15], 15u);
  ASSERT_TRUE(notes.threads[0].vector);
  EXPECT_EQ((*notes.threads[0].vector)[3], 13u);
  EXPECT_EQ((*notes.threads[0].vector)[32 + 31], 31u);
  EXPECT_FALSE(notes.threads[1].vector);
  EXPECT_EQ(notes.pid, 70);
  EXPECT_EQ(notes.program_name, "a-service");
  ASSERT_EQ(notes.files.size(), 2u);
  EXPECT_EQ(notes.files[0].path, "/bin/a");
  EXPECT_EQ(notes.files[1].path, "/lib/b");
  EXPECT_EQ(notes.files[1].offset, 0x2000u);
  EXPECT_EQ(core->diagnostics().counts().at("mapped files of the core that make no sense"), 2u);
}

TEST_F(CoreFileTest, more_segments_than_the_header_can_count) {
  test::CoreWriter writer;
  for (std::uint64_t i = 0; i < 66000; ++i) {
    AddressRange range{Address(0x100000 + i * 2 * kPage), Address(0x101000 + i * 2 * kPage)};
    writer.add_segment(range, kReadWrite, 0, nothing());
  }
  writer.add_segment(Address(0x50000), kReadWrite, "last");
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x50000, 4), "last");
}

TEST_F(CoreFileTest, a_cut_off_core_gives_what_it_has_and_counts_the_rest) {
  test::CoreWriter writer;
  writer.add_segment(Address(0x10000), kReadWrite, std::string(2 * kPage, 'a'));
  writer.add_segment(Address(0x20000), kReadWrite, std::string(2 * kPage, 'b'));
  ASSERT_TRUE(writer.write(path_));
  std::string whole = file_bytes(path_);
  overwrite(whole.substr(0, whole.size() - 3 * kPage + 10));
  std::unique_ptr<CoreFile> core = reopened();
  ASSERT_TRUE(core);
  EXPECT_EQ(text_at(*core, 0x11000, kPage), std::string(10, 'a'));
  EXPECT_EQ(text_at(*core, 0x20000, 1), "") << "promised and missing is not zero";
  EXPECT_EQ(core->cut_off_bytes(), 3 * kPage - 10);
  EXPECT_EQ(core->diagnostics().counts().at("bytes cut off the end of the core file"),
            3 * kPage - 10);
}

TEST_F(CoreFileTest, a_core_that_shrinks_meanwhile_reads_short) {
  test::CoreWriter writer;
  writer.add_segment(Address(0x10000), kReadWrite, std::string(4 * kPage, 'a'));
  std::unique_ptr<CoreFile> core = opened(writer);
  ASSERT_TRUE(core);
  ASSERT_EQ(truncate(path_.c_str(), static_cast<off_t>(2 * kPage)), 0);
  EXPECT_LT(text_at(*core, 0x10000, 4 * kPage).size(), 4 * kPage);
}

TEST_F(CoreFileTest, what_is_no_core_of_a_64_bit_program_is_refused) {
  test::CoreWriter writer;
  writer.add_segment(Address(0x10000), kReadWrite, "a");
  ASSERT_TRUE(writer.write(path_));
  std::string whole = file_bytes(path_);
  auto refusal = [&](const std::string& bytes) {
    overwrite(bytes);
    Result<std::unique_ptr<CoreFile>> core = CoreFile::open(path_);
    return core ? std::string("opened") : core.error().message;
  };
  std::string changed = whole;
  EXPECT_NE(refusal("text").find("is not a core file"), std::string::npos);
  EXPECT_NE(refusal(whole.substr(0, 40)).find("ends inside"), std::string::npos);
  EXPECT_NE(refusal(whole.substr(0, 100)).find("ends before"), std::string::npos);
  changed[EI_CLASS] = ELFCLASS32;
  EXPECT_NE(refusal(changed).find("32-bit"), std::string::npos);
  changed = whole;
  changed[offsetof(Elf64_Ehdr, e_type)] = ET_EXEC;
  EXPECT_NE(refusal(changed).find("is not a core file"), std::string::npos);
  EXPECT_EQ(CoreFile::open("/dev/null").error().kind, ErrorKind::kUnsupported);
  EXPECT_EQ(CoreFile::open(folder_.file("missing")).error().kind, ErrorKind::kNotFound);
}

// Whatever the headers and notes say: opening ends, and reading stays in bounds.
TEST_F(CoreFileTest, damaged_headers_and_notes_are_survived) {
  test::CoreWriter writer;
  for (pid_t thread = 1; thread <= 3; ++thread) writer.add_thread(thread, {});
  writer.add_process(1, "damaged");
  std::vector<MappedFile> files;
  for (std::uint64_t i = 0; i < 5; ++i) {
    files.push_back({{Address(0x10000 * i), Address(0x10000 * i + kPage)}, 0, "/proc/self/exe"});
  }
  writer.add_files(files);
  for (std::uint64_t i = 0; i < 5; ++i) {
    writer.add_segment(Address(0x10000 * i), kReadWrite, std::string(100, 'a'));
  }
  ASSERT_TRUE(writer.write(path_));
  const std::string whole = file_bytes(path_);
  std::size_t headers = whole.size() - 5 * kPage;
  for (std::uint32_t seed = 1; seed <= 3000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    std::string damaged = whole;
    for (std::uint32_t i = 0; i <= seed % 8; ++i) {
      std::size_t at = random() % headers;
      constexpr std::array<char, 6> kEvil = {'\0', '\xff', '\x7f', '\x80', '\1', '\4'};
      damaged[at] = random() % 2 == 0 ? static_cast<char>(random()) : kEvil[random() % 6];
    }
    if (seed % 3 == 0) damaged.resize(random() % damaged.size());
    overwrite(damaged);
    Result<std::unique_ptr<CoreFile>> core = CoreFile::open(path_);
    if (!core) continue;
    (void)find_executable_in(**core);
    for (Address start : (*core)->dumped_starts()) {
      ASSERT_LE(text_at(**core, start.value(), 3 * kPage).size(), 3 * kPage);
    }
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 400 << 10) << "KiB";
}

}  // namespace
}  // namespace seep::target
