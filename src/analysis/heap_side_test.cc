#include "analysis/heap_side.h"

#include <gtest/gtest.h>

#include <string>

#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

HeapSide side(const std::string& text) {
  test::DrawnEvidence drawn(text);
  return side_of(drawn.evidence(), drawn.reachable);
}

const DiffRow* row_named(const std::vector<DiffRow>& rows, const std::string& part) {
  for (const DiffRow& row : rows)
    if (row.name.find(part) != std::string::npos) return &row;
  return nullptr;
}

TEST(HeapSideTest, holders_are_compared_by_name_whatever_their_places) {
  HeapSide before = side(
      "root global main.cache -> m:main.cache[64]\nm -> a:main.entry[32]\n"
      "root global main.other -> o:main.config[128]");
  HeapSide after = side(
      "root global main.other -> o:main.config[128]\n"
      "root global main.cache -> m:main.cache[64]\nm -> a:main.entry[32], b:main.entry[32]");
  DiffReport report;
  add_rows(before, after, report);
  ASSERT_EQ(report.holders.size(), 2u);
  const DiffRow& cache = report.holders.front();
  EXPECT_EQ(cache.name, "main.cache → main.cache → main.entry");
  EXPECT_EQ(cache.before_bytes, 96u);
  EXPECT_EQ(cache.after_bytes, 128u);
  EXPECT_EQ(cache.before_count, 2u);
  EXPECT_EQ(cache.after_count, 3u);
  const DiffRow* type = row_named(report.types, "main.entry");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->growth(), 32);
  EXPECT_EQ(type->more(), 1);
}

TEST(HeapSideTest, goroutines_are_compared_by_where_they_were_started) {
  HeapSide before = side("goroutine 1 running in main.work by main.start");
  HeapSide after = side(
      "goroutine 7 running in main.work by main.start\n"
      "goroutine 8 running in main.work by main.start");
  DiffReport report;
  add_rows(before, after, report);
  const DiffRow* row = row_named(report.goroutines, "main.start");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->more(), 1);
}

snapshot::ProgramInfo process(std::uint32_t pid, std::uint64_t start, const char* boot) {
  snapshot::ProgramInfo program;
  program.pid = pid;
  program.start_ticks = start;
  program.boot_id = boot;
  program.build_id = "abcd";
  return program;
}

TEST(HeapSideTest, a_process_is_known_by_id_start_boot_and_build) {
  EXPECT_TRUE(is_same_process(process(7, 100, "a"), process(7, 100, "a")).same);
  EXPECT_FALSE(is_same_process(process(7, 100, "a"), process(7, 101, "a")).same);
  EXPECT_FALSE(is_same_process(process(7, 100, "a"), process(7, 100, "b")).same);
  EXPECT_FALSE(is_same_process(process(7, 100, "a"), process(8, 100, "a")).same);
  SameProcess cores = is_same_process(process(7, 0, ""), process(7, 0, ""));
  EXPECT_TRUE(cores.same);
  EXPECT_TRUE(cores.presumed);
}

}  // namespace
}  // namespace seep::analysis
