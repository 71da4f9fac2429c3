// The checked-in table against what real toolchains say: every question that a layout asks has the
// same answer from the table as from the debug information of a program that the release built.
#include "goruntime/layout/layout_from_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "elf/elf_file.h"
#include "goruntime/layout/layout_from_dwarf.h"
#include "goruntime/layout/layout_rows.h"
#include "support/build_flavour.h"
#include "support/target_process.h"

namespace seep::goruntime {
namespace {

GoVersion version_of(const std::string& text) { return *parse_go_version(text); }

std::string text_of(Member member) {
  return member.exists()
             ? std::to_string(member.size) + " bytes at " + std::to_string(member.offset)
             : "absent";
}

/// Where the two disagree, in words.
std::vector<std::string> differences(const StructFacts& table, const StructFacts& dwarf) {
  std::vector<std::string> found;
  RuntimeLayout layout;
  RawMembers extra;
  for (const StructRows& rows : layout_rows(layout, extra)) {
    for (std::string_view names = rows.name; !names.empty();) {
      std::string_view name = names.substr(0, names.find('|'));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if (table.struct_bytes(name).value_or(0) != dwarf.struct_bytes(name).value_or(0)) {
        found.push_back(std::string(name) + ": the table says " +
                        std::to_string(table.struct_bytes(name).value_or(0)) + " bytes, not " +
                        std::to_string(dwarf.struct_bytes(name).value_or(0)));
      }
      for (const MemberRow& row : rows.members) {
        std::string here = text_of(table.member(name, row.path));
        std::string there = text_of(dwarf.member(name, row.path));
        if (here == there) continue;
        found.push_back(std::string(name) + "." + std::string(row.path) + ": the table says " +
                        here + ", not " + there);
      }
    }
  }
  return found;
}

void expect_same_shapes(const RuntimeLayout& table, const RuntimeLayout& dwarf) {
  EXPECT_EQ(table.bitmap, dwarf.bitmap);
  EXPECT_EQ(table.map, dwarf.map);
  EXPECT_EQ(table.functions, dwarf.functions);
  EXPECT_EQ(table.stack_objects, dwarf.stack_objects);
  EXPECT_EQ(table.inline_mark_bits, dwarf.inline_mark_bits);
  EXPECT_EQ(table.inline_mark_bytes, dwarf.inline_mark_bytes);
  EXPECT_EQ(table.inline_marks_offset, dwarf.inline_marks_offset);
  EXPECT_EQ(table.masks_on_demand, dwarf.masks_on_demand);
  EXPECT_EQ(table.function_flags, dwarf.function_flags);
  EXPECT_EQ(table.special_kind.profile, dwarf.special_kind.profile);
  EXPECT_EQ(table.special_kind.cleanup, dwarf.special_kind.cleanup);
  EXPECT_EQ(table.cleanup_queue.cleanup_bytes, dwarf.cleanup_queue.cleanup_bytes);
  EXPECT_EQ(table.mstats.heapStats.offset, dwarf.mstats.heapStats.offset);
}

/// Compares the table with a program that `release` built.
void expect_table_fits(const std::string& release, const std::string& experiment = {}) {
  test::BuildOptions options;
  if (!experiment.empty()) options.environment.push_back("GOEXPERIMENT=" + experiment);
  Result<std::string> program = test::build_target("runtime_structs", release, options);
  ASSERT_TRUE(program) << program.error().message;
  Result<elf::ElfFile> file = elf::ElfFile::open(*program);
  ASSERT_TRUE(file) << file.error().message;
  Result<dwarf::DwarfInfo> dwarf = dwarf::DwarfInfo::open(*file);
  ASSERT_TRUE(dwarf) << dwarf.error().message;

  GoVersion version = version_of("go" + release + (experiment.empty() ? "" : " X:" + experiment));
  Result<TableStructFacts> facts = TableStructFacts::of(version);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(differences(*facts, DwarfStructFacts(*dwarf)), std::vector<std::string>())
      << "tools/layout-table " << release << " puts it right";
  Result<RuntimeLayout> from_table = layout_of_release(version);
  ASSERT_TRUE(from_table) << from_table.error().message;
  Result<RuntimeLayout> from_dwarf = layout_from_dwarf(*dwarf, version);
  ASSERT_TRUE(from_dwarf) << from_dwarf.error().message;
  expect_same_shapes(*from_table, *from_dwarf);
}

class LayoutFromTableTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string reason = test::no_debug_information();
    if (!reason.empty()) GTEST_SKIP() << reason;
  }
};

INSTANTIATE_TEST_SUITE_P(Go, LayoutFromTableTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(LayoutFromTableTest, says_what_the_toolchain_says) { expect_table_fits(GetParam()); }

TEST_P(LayoutFromTableTest, says_what_the_toolchain_says_with_an_experiment) {
  bool any = false;
  for (const TableVariant& variant : layout_table().variants) {
    if (variant.minor != version_of("go" + GetParam()).minor) continue;
    expect_table_fits(GetParam(), std::string(variant.experiment));
    any = true;
  }
  if (!any) GTEST_SKIP() << "no experiment moves anything in Go " << GetParam();
}

RuntimeLayout layout_of(const std::string& version) {
  Result<RuntimeLayout> layout = layout_of_release(version_of(version));
  EXPECT_TRUE(layout) << version << ": " << layout.error().message;
  return layout ? *layout : RuntimeLayout();
}

// Figures from the sources of the releases.
TEST(LayoutTableTest, knows_what_moved_inside_a_minor_release) {
  EXPECT_EQ(layout_of("go1.13.1").mheap.arenas.offset + 8,
            layout_of("go1.13.4").mheap.arenas.offset);
  EXPECT_EQ(layout_of("go1.13.2").mheap.arenas.offset + 8,
            layout_of("go1.13.3").mheap.arenas.offset);
  EXPECT_FALSE(layout_of("go1.18.8").mspan.freeIndexForScan.exists());
  EXPECT_TRUE(layout_of("go1.18.9").mspan.freeIndexForScan.exists());
  EXPECT_TRUE(layout_of("go1.18.10").mspan.freeIndexForScan.exists());
  EXPECT_FALSE(layout_of("go1.19").mspan.freeIndexForScan.exists());
  EXPECT_FALSE(layout_of("go1.19.2").mspan.freeIndexForScan.exists());
  EXPECT_TRUE(layout_of("go1.19.4").mspan.freeIndexForScan.exists());
  EXPECT_LT(layout_of("go1.23.11").m.alllink.offset, layout_of("go1.23.12").m.alllink.offset);
  EXPECT_LT(layout_of("go1.24.5").m.alllink.offset, layout_of("go1.24.6").m.alllink.offset);
}

TEST(LayoutTableTest, takes_a_release_that_nobody_looked_at_to_be_like_the_one_before_it) {
  EXPECT_EQ(layout_of("go1.24.999").m.alllink.offset, layout_of("go1.24.13").m.alllink.offset);
  EXPECT_EQ(layout_of("go1.99.3").mspan.bytes, layout_of("go1.27.4").mspan.bytes);
  EXPECT_EQ(layout_of("go1.24rc1").m.alllink.offset, layout_of("go1.24.0").m.alllink.offset);
  EXPECT_EQ(layout_of("go1.12.999").moduledata.bytes, layout_of("go1.12").moduledata.bytes);
}

TEST(LayoutTableTest, refuses_experiments_that_it_does_not_know) {
  for (const char* text : {"go1.27.4 X:nonsense", "go1.24.13 X:noswissmap,nonsense",
                           // Each is known, but not both together.
                           "go1.24.13 X:noswissmap,nospinbitmutex"}) {
    Result<RuntimeLayout> layout = layout_of_release(version_of(text));
    ASSERT_FALSE(layout) << text;
    EXPECT_EQ(layout.error().kind, ErrorKind::kUnsupported);
    EXPECT_NE(layout.error().message.find("GOEXPERIMENT"), std::string::npos);
  }
}

TEST(LayoutTableTest, knows_experiments_that_move_nothing) {
  for (const char* text : {"go1.27.4 X:boringcrypto", "go1.27.4 X:nodwarf5,nojsonv2,arenas",
                           "go1.26.0 X:norandomizedheapbase64"}) {
    EXPECT_TRUE(layout_of_release(version_of(text))) << text;
  }
  EXPECT_EQ(layout_of("go1.24.13 X:noswissmap,boringcrypto").map, MapShape::kBuckets);
  EXPECT_EQ(layout_of("go1.24.13 X:boringcrypto").map, MapShape::kSwiss);
}

TEST(LayoutTableTest, refuses_releases_that_are_too_old) {
  Result<RuntimeLayout> layout = layout_of_release(version_of("go1.11.13"));
  ASSERT_FALSE(layout);
  EXPECT_EQ(layout.error().kind, ErrorKind::kUnsupported);
}

// Look-ups are binary searches.
void expect_sorted(std::span<const TableRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) {
      EXPECT_LT(std::pair(rows[i - 1].struct_name, rows[i - 1].path),
                std::pair(rows[i].struct_name, rows[i].path));
    }
    EXPECT_NE(rows[i].runs[0].minor, 0) << rows[i].struct_name << "." << rows[i].path;
    for (std::size_t run = 1; run < kMostRuns && rows[i].runs[run].minor != 0; ++run) {
      EXPECT_LT(rows[i].runs[run - 1].since(), rows[i].runs[run].since());
    }
  }
}

TEST(LayoutTableTest, is_in_order) {
  const LayoutTable& table = layout_table();
  ASSERT_FALSE(table.releases.empty());
  EXPECT_TRUE(std::is_sorted(table.releases.begin(), table.releases.end()));
  expect_sorted(table.rows);
  for (const TableVariant& variant : table.variants) {
    ASSERT_FALSE(variant.releases.empty()) << variant.experiment;
    expect_sorted(variant.rows);
  }
}

}  // namespace
}  // namespace seep::goruntime
