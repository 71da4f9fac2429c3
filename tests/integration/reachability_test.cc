// What seep calls reachable, against what the runtime keeps when it is made to collect right after
// the freeze. Differences must stay below a thousandth of the bytes; each sort of difference that
// Go's collector makes by design is told apart and printed.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "pipeline/capture.h"
#include "support/heap_dump.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

class ReachabilityTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, ReachabilityTest, testing::ValuesIn(go_shape_versions()),
                         VersionName());

/// Everything that roots reach, by the plainest of searches.
Bitmap reachable_from_roots(const snapshot::Snapshot& seen) {
  Bitmap reached(seen.heap.slot_count + 1);
  std::vector<snapshot::ObjectId> open;
  auto visit = [&](snapshot::ObjectId id) {
    if (seen.heap.is_object(id) && reached.set_if_clear(id.value)) open.push_back(id);
  };
  for (const snapshot::RootReference& reference : seen.roots.references) visit(reference.target);
  while (!open.empty()) {
    snapshot::ObjectId id = open.back();
    open.pop_back();
    seen.heap.for_each_reference(
        id, [&](const snapshot::Reference& reference) { visit(reference.target); });
  }
  return reached;
}

struct Difference {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

void print(const char* what, const std::map<std::string, Difference>& by_type) {
  for (const auto& [type, difference] : by_type) {
    std::printf("  %s: %llu objects, %llu bytes, %s\n", what,
                static_cast<unsigned long long>(difference.objects),
                static_cast<unsigned long long>(difference.bytes), type.c_str());
  }
}

TEST_P(ReachabilityTest, differs_from_a_forced_collection_by_less_than_a_thousandth) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("heap_shapes", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  std::filesystem::path file = std::filesystem::temp_directory_path() /
                               ("seep-reachability-" + std::to_string(getpid()) + ".dump");
  Result<TargetProcess> target =
      TargetProcess::start(*program, {"-scale", "20", "-clean=false", file});
  ASSERT_TRUE(target) << target.error().message;
  Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
  ASSERT_TRUE(seen) << seen.error().message;
  Result<void> collected = target->step("gc");
  ASSERT_TRUE(collected) << collected.error().message;
  Result<HeapDump> dump = read_heap_dump(file);
  std::filesystem::remove(file);
  ASSERT_TRUE(dump) << dump.error().message;

  const snapshot::Heap& heap = seen->heap;
  Bitmap reached = reachable_from_roots(*seen);
  Bitmap kept(heap.slot_count + 1);
  for (const DumpedObject& object : dump->objects) {
    snapshot::ObjectId id = heap.find(Address(object.address));
    // What is new since the freeze, and the dump's slots past the last object, are not ours.
    if (heap.is_object(id)) kept.set(id.value);
  }
  std::uint64_t reached_bytes = 0;
  std::uint64_t different_bytes = 0;
  std::map<std::string, Difference> lost;
  std::map<std::string, Difference> surplus;
  for (std::uint32_t i = 1; i <= heap.slot_count; ++i) {
    snapshot::ObjectId id{i};
    if (!heap.is_object(id) || (i < heap.dead_unswept.size() && heap.dead_unswept.test(i)))
      continue;
    std::uint64_t bytes = heap.size_of(id);
    if (reached.test(i)) reached_bytes += bytes;
    if (reached.test(i) == kept.test(i)) continue;
    different_bytes += bytes;
    std::string type = seen->types[heap.claims[i].type()].name;
    if (type.empty()) type = "no claimed type, slots of " + std::to_string(bytes) + " bytes";
    Difference& difference = (reached.test(i) ? surplus : lost)[type];
    ++difference.objects;
    difference.bytes += bytes;
  }
  char share[32];
  std::snprintf(share, sizeof share, "%.4f",
                100 * static_cast<double>(different_bytes) / static_cast<double>(reached_bytes));
  RecordProperty("percent_of_bytes_different", share);
  std::printf("%llu bytes reachable, %llu bytes differ\n",
              static_cast<unsigned long long>(reached_bytes),
              static_cast<unsigned long long>(different_bytes));
  print("reachable for seep, freed by the runtime", surplus);
  print("kept by the runtime, unreachable for seep", lost);
  EXPECT_GT(reached_bytes, 10u << 20);
  EXPECT_LT(static_cast<double>(different_bytes), 0.001 * static_cast<double>(reached_bytes));
}

}  // namespace
}  // namespace seep::test
