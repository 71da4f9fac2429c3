// The checked-in table against what real toolchains say: every question that a layout asks has the
// same answer from the table as from the debug information of a program that the release built.
#include "goruntime/layout_from_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "dwarf/dwarf_info.h"
#include "elf/elf_file.h"
#include "goruntime/layout_from_dwarf.h"
#include "goruntime/layout_rows.h"
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

class LayoutFromTableTest : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Go, LayoutFromTableTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(LayoutFromTableTest, says_what_the_toolchain_says) {
  if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
  expect_table_fits(GetParam());
}

}  // namespace
}  // namespace seep::goruntime
