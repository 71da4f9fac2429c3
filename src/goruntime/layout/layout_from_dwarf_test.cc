// The layout against figures written down from each release's debug information, and against what
// the runtime of a running program holds at those places.
#include "goruntime/layout/layout_from_dwarf.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "elf/build_info.h"
#include "elf/elf_file.h"
#include "elf/symbol_table.h"
#include "goruntime/layout/program_build.h"
#include "goruntime/layout/runtime_variables.h"
#include "procfs/auxv.h"
#include "support/build_flavour.h"
#include "support/target_process.h"
#include "target/live_process.h"

namespace seep::goruntime {
namespace {

using test::build_target;
using test::BuildOptions;
using test::TargetProcess;

struct Opened {
  std::unique_ptr<elf::ElfFile> file;
  elf::SymbolTable symbols;
  std::unique_ptr<dwarf::DwarfInfo> dwarf;
  RuntimeLayout layout;
};

Result<Opened> open_program(const std::string& path) {
  Opened opened;
  opened.file = std::make_unique<elf::ElfFile>(TRY(elf::ElfFile::open(path)));
  opened.symbols = elf::SymbolTable::read(*opened.file);
  opened.dwarf = std::make_unique<dwarf::DwarfInfo>(TRY(dwarf::DwarfInfo::open(*opened.file)));
  elf::BuildInfo build = TRY(goruntime::read_program_build(*opened.file));
  GoVersion version = TRY(parse_go_version(build.go_version));
  opened.layout = TRY(layout_from_dwarf(*opened.dwarf, version));
  return opened;
}

Result<Opened> open_target(const std::string& version, const BuildOptions& options = {}) {
  std::string program = TRY(build_target("block", version, options));
  return open_program(program);
}

bool is_at(Member member, std::uint32_t offset, std::uint32_t size) {
  return member.offset == offset && member.size == size;
}

class LayoutFromDwarfTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    if (!test::is_plain_build()) GTEST_SKIP() << "chooses its own flavours of builds";
  }
  bool is_release(const std::string& prefix) const { return GetParam().starts_with(prefix); }
  bool is_1_26_or_1_27() const { return is_release("1.26.") || is_release("1.27."); }
};

INSTANTIATE_TEST_SUITE_P(Go, LayoutFromDwarfTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(LayoutFromDwarfTest, has_what_1_26_and_1_27_share) {
  if (!is_1_26_or_1_27()) GTEST_SKIP() << "other figures";
  Result<Opened> opened = open_target(GetParam());
  ASSERT_TRUE(opened) << opened.error().message;
  const RuntimeLayout& layout = opened->layout;
  EXPECT_TRUE(is_at(layout.mheap.allspans, 65864, 24));
  EXPECT_TRUE(is_at(layout.mheap.arenas, 66008, 8));
  EXPECT_TRUE(is_at(layout.heap_arena.spans, 0, 65536));
  EXPECT_EQ(layout.mspan.bytes, 160u);
  EXPECT_TRUE(is_at(layout.mspan.state, 99, 1));
  EXPECT_TRUE(is_at(layout.mspan.nelems, 50, 2));
  EXPECT_TRUE(is_at(layout.mspan.largeType, 152, 8));
  EXPECT_TRUE(is_at(layout.special.offset, 8, 8));
  EXPECT_EQ(layout.special.bytes, 24u);
  EXPECT_TRUE(is_at(layout.g.atomicstatus, 144, 4));
  EXPECT_TRUE(is_at(layout.g.goid, 152, 8));
  EXPECT_TRUE(is_at(layout.g.waitreason, 176, 1));
  EXPECT_TRUE(is_at(layout.gobuf.bp, 40, 8));
  EXPECT_EQ(layout.sudog.bytes, 104u);
  EXPECT_TRUE(is_at(layout.sudog.elem, 32, 8));
  EXPECT_TRUE(is_at(layout.sudog.c, 96, 8));
  EXPECT_EQ(layout.sudog.elem_first, 24u);
  EXPECT_EQ(layout.sudog.elem_bytes, 16u);
  EXPECT_EQ(layout.sudog.c_first, 88u);
  EXPECT_EQ(layout.sudog.c_bytes, 16u);
  EXPECT_TRUE(is_at(layout.hchan.recvq, 64, 16));
  EXPECT_EQ(layout.func.bytes, 44u);
  EXPECT_TRUE(is_at(layout.fin_block.fin, 24, 4040));
  EXPECT_EQ(layout.fin_block.finalizer_bytes, 40u);
  EXPECT_TRUE(is_at(layout.cleanup_queue.all, 128, 8));
  EXPECT_TRUE(is_at(layout.cleanup_queue.n, 24, 4));
  EXPECT_TRUE(is_at(layout.cleanup_queue.cleanups, 32, 480));
  EXPECT_EQ(layout.cleanup_queue.cleanup_bytes, 24u);
  EXPECT_TRUE(is_at(layout.special_cleanup.cleanup, 24, 24));
  EXPECT_FALSE(layout.special_cleanup.fn.exists());
  EXPECT_EQ(layout.mstats.delta_bytes, 1168u);
  EXPECT_TRUE(is_at(layout.mstats.heapStats, 0, 3 * 1168));
  EXPECT_EQ(layout.special_kind.finalizer, 2);
  EXPECT_EQ(layout.special_kind.weak_handle, 3);
  EXPECT_EQ(layout.special_kind.profile, 4);
  EXPECT_EQ(layout.special_kind.cleanup, 7);
  EXPECT_EQ(layout.bitmap, BitmapShape::kSpanAndHeaders);
  EXPECT_EQ(layout.map, MapShape::kSwiss);
}

TEST_P(LayoutFromDwarfTest, has_what_changed_from_release_to_release) {
  Result<Opened> opened = open_target(GetParam());
  ASSERT_TRUE(opened) << opened.error().message;
  const RuntimeLayout& layout = opened->layout;
  if (is_release("1.26.")) {
    EXPECT_EQ(layout.moduledata.bytes, 592u);
    EXPECT_TRUE(is_at(layout.moduledata.typelinks, 360, 24));
    EXPECT_FALSE(layout.moduledata.itaboffset.exists());
    EXPECT_TRUE(is_at(layout.moduledata.gofunc, 320, 8));
    EXPECT_EQ(layout.mem_record.bytes, 128u);
    EXPECT_EQ(layout.mem_record.cycle_bytes, 32u);
    EXPECT_TRUE(is_at(layout.mem_record.alloc_bytes, 16, 8));
  } else if (is_release("1.27.")) {
    EXPECT_EQ(layout.moduledata.bytes, 568u);
    EXPECT_FALSE(layout.moduledata.typelinks.exists());
    EXPECT_TRUE(is_at(layout.moduledata.itaboffset, 320, 8));
    EXPECT_TRUE(is_at(layout.moduledata.gofunc, 344, 8));
    EXPECT_EQ(layout.mem_record.bytes, 64u);
    EXPECT_EQ(layout.mem_record.cycle_bytes, 16u);
    EXPECT_FALSE(layout.mem_record.alloc_bytes.exists());
  } else {
    GTEST_SKIP() << "no figures for Go " << GetParam();
  }
}

TEST_P(LayoutFromDwarfTest, sees_whether_the_collector_marks_inside_spans) {
  if (!is_1_26_or_1_27()) GTEST_SKIP() << "no inline mark bits";
  Result<Opened> usual = open_target(GetParam());
  ASSERT_TRUE(usual) << usual.error().message;
  EXPECT_TRUE(usual->layout.inline_mark_bits);
  EXPECT_EQ(usual->layout.inline_mark_bytes, 128u);
  EXPECT_EQ(usual->layout.inline_marks_offset, 64u);
  Result<Opened> without = open_target(GetParam(), {{}, {"GOEXPERIMENT=nogreenteagc"}});
  ASSERT_TRUE(without) << without.error().message;
  EXPECT_FALSE(without->layout.inline_mark_bits);
}

TEST_P(LayoutFromDwarfTest, does_not_depend_on_how_the_program_was_linked) {
  Result<Opened> usual = open_target(GetParam());
  ASSERT_TRUE(usual) << usual.error().message;
  for (const char* flag : {"-buildmode=pie", "-ldflags=-compressdwarf=false", "-gcflags=-N -l"}) {
    Result<Opened> opened = open_target(GetParam(), {{flag}, {}});
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->layout.g.bytes, usual->layout.g.bytes) << flag;
    EXPECT_EQ(opened->layout.m.procid.offset, usual->layout.m.procid.offset) << flag;
    EXPECT_EQ(opened->layout.moduledata.bytes, usual->layout.moduledata.bytes) << flag;
  }
}

TEST_P(LayoutFromDwarfTest, refuses_releases_that_nobody_tried) {
  Result<Opened> opened = open_target(GetParam());
  ASSERT_TRUE(opened) << opened.error().message;
  Result<RuntimeLayout> old = layout_from_dwarf(*opened->dwarf, *parse_go_version("go1.11.13"));
  ASSERT_FALSE(old);
  EXPECT_EQ(old.error().kind, ErrorKind::kUnsupported);
}

/// What is added to the executable's addresses.
Result<std::uint64_t> slide_of(const elf::ElfFile& file, pid_t pid) {
  return TRY(procfs::read_entry_point(pid)) - file.entry_point();
}

TEST_P(LayoutFromDwarfTest, fits_what_the_running_runtime_holds) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{}, std::vector<std::string>{"-buildmode=pie"}}) {
    Result<std::string> program = build_target("block", GetParam(), {flags, {}});
    ASSERT_TRUE(program) << program.error().message;
    Result<Opened> opened = open_program(*program);
    ASSERT_TRUE(opened) << opened.error().message;
    Result<TargetProcess> target = TargetProcess::start(*program);
    ASSERT_TRUE(target) << target.error().message;
    Result<target::LiveProcess> memory = target::LiveProcess::open(target->pid());
    ASSERT_TRUE(memory) << memory.error().message;
    Result<std::uint64_t> slide = slide_of(*opened->file, target->pid());
    ASSERT_TRUE(slide) << slide.error().message;
    EXPECT_EQ(*slide != 0, !flags.empty());
    Result<RuntimeVariables> variables =
        find_runtime_variables(opened->symbols, opened->dwarf.get(), *slide);
    ASSERT_TRUE(variables) << variables.error().message;
    const RuntimeLayout& layout = opened->layout;

    // The first goroutine has the number 1.
    Address goroutines = *memory->read_address(variables->allgs);
    Address main_goroutine = *memory->read_address(goroutines);
    EXPECT_EQ(*memory->read_value<std::uint64_t>(main_goroutine + layout.g.goid.offset), 1u);
    Address stack_low = *memory->read_address(main_goroutine + layout.g.stack.offset);
    Address stack_pointer =
        *memory->read_address(main_goroutine + layout.g.sched.offset + layout.gobuf.sp.offset);
    Address stack_high = *memory->read_address(main_goroutine + layout.g.stack.offset + 8);
    EXPECT_TRUE((AddressRange{stack_low, stack_high}.contains(stack_pointer)));

    // Every thread of the runtime is a thread of the process.
    int threads = 0;
    Address m = *memory->read_address(variables->allm);
    for (; !m.is_null() && threads < 1000; ++threads) {
      std::uint64_t thread = *memory->read_value<std::uint64_t>(m + layout.m.procid.offset);
      if (thread != 0) {
        EXPECT_TRUE(std::filesystem::exists("/proc/" + std::to_string(target->pid()) + "/task/" +
                                            std::to_string(thread)));
      }
      m = *memory->read_address(m + layout.m.alllink.offset);
    }
    EXPECT_GE(threads, 1);

    // The text of the module is where the executable's text was mapped.
    Address text =
        *memory->read_address(variables->firstmoduledata + layout.moduledata.text.offset);
    const elf::Section* section = opened->file->find_section(".text");
    ASSERT_NE(section, nullptr);
    // A C linker, which Go 1.14 and before make position-independent programs with, puts some of
    // its own in front.
    Address begin = section->address + *slide;
    EXPECT_TRUE((AddressRange{begin, begin + section->bytes}.contains(text)));
    if (flags.empty()) {
      EXPECT_EQ(text, begin);
    }

    Result<std::vector<std::string>> reasons = read_wait_reasons(*memory, *variables);
    ASSERT_TRUE(reasons) << reasons.error().message;
    EXPECT_EQ(reasons->at(0), "");
    EXPECT_NE(std::find(reasons->begin(), reasons->end(), "chan receive"), reasons->end());
    EXPECT_NE(std::find(reasons->begin(), reasons->end(), "select (no cases)"), reasons->end());
  }
}

TEST_P(LayoutFromDwarfTest, finds_variables_in_debug_information_when_symbols_are_gone) {
  Result<Opened> opened = open_target(GetParam());
  ASSERT_TRUE(opened) << opened.error().message;
  Result<RuntimeVariables> by_symbols = find_runtime_variables(opened->symbols, nullptr, 0);
  Result<RuntimeVariables> by_dwarf =
      find_runtime_variables(elf::SymbolTable(), opened->dwarf.get(), 0);
  ASSERT_TRUE(by_symbols) << by_symbols.error().message;
  ASSERT_TRUE(by_dwarf) << by_dwarf.error().message;
  EXPECT_EQ(by_symbols->mheap, by_dwarf->mheap);
  EXPECT_EQ(by_symbols->gc_cleanups, by_dwarf->gc_cleanups);
  EXPECT_EQ(by_symbols->mbuckets, by_dwarf->mbuckets);
  EXPECT_EQ(by_symbols->wait_reason_count, by_dwarf->wait_reason_count);
  Result<RuntimeVariables> by_nothing = find_runtime_variables(elf::SymbolTable(), nullptr, 0);
  ASSERT_FALSE(by_nothing);
  EXPECT_EQ(by_nothing.error().kind, ErrorKind::kUnsupported);
}

}  // namespace
}  // namespace seep::goruntime
