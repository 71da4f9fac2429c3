// The set of allocated objects, against the runtime's own word at the same point: the heap dump of
// runtime/debug.WriteHeapDump, address and size exactly, and the sums of runtime.MemStats.
//
// The dump has a slip of its own (runtime/heapdump.go, dumpobjs, Go 1.22 to 1.27): it walks
// npages * 8192 / elemsize slots of a span although the last ones may hold the span's pointer bits
// or mark bits, and writes those as objects too. They lie past the span's nelems and are told apart
// by that here; MemStats, which counts without them, proves that nothing else hides among them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "pipeline/capture.h"
#include "support/build_flavour.h"
#include "support/heap_dump.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

constexpr int kMostPoints = 10;

/// A way to build and run heap_shapes; "clean" and "dirty" as the flavour of the test run tells.
struct Variant {
  std::string name;
  std::string go;
  BuildOptions build;
  bool clean = true;  ///< has just collected; else with garbage and unswept spans
};

bool without_green_tea_exists(const std::string& go) {
  return go.starts_with("1.26.") || go.starts_with("1.27.");
}

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const std::string& go : go_versions()) {
    all.push_back({"clean", go, {}, true});
    all.push_back({"dirty", go, {}, false});
    if (!is_plain_build()) continue;
    all.push_back({"unoptimised", go, {{"-gcflags=all=-N -l"}, {}}, true});
    all.push_back({"pie", go, {{"-buildmode=pie"}, {}}, true});
    if (!without_green_tea_exists(go)) continue;
    all.push_back({"without_green_tea", go, {{}, {"GOEXPERIMENT=nogreenteagc"}}, false});
  }
  return all;
}

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class ObjectsTest : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Go, ObjectsTest, testing::ValuesIn(variants()), [](const auto& parameter) {
  testing::TestParamInfo<std::string> go(parameter.param.go, 0);
  return VersionName()(go) + "_" + parameter.param.name;
});

struct SlotSums {
  std::uint64_t objects = 0;
  std::uint64_t bytes = 0;
};

/// Allocated slots by rising address, as the dump writes them.
std::vector<DumpedObject> slots_of(const snapshot::Heap& heap, bool with_dead) {
  std::vector<DumpedObject> slots;
  for (const snapshot::Span& span : heap.spans) {
    for (std::uint32_t i = 0; i < span.slot_count; ++i) {
      std::uint32_t id = span.first.value + i;
      if (!heap.allocated.test(id)) continue;
      if (!with_dead && id < heap.dead_unswept.size() && heap.dead_unswept.test(id)) continue;
      slots.push_back({(span.start + i * span.slot_bytes).value(), span.slot_bytes});
    }
  }
  std::sort(slots.begin(), slots.end());
  return slots;
}

SlotSums sums_of(const std::vector<DumpedObject>& slots) {
  SlotSums sums;
  for (const DumpedObject& slot : slots) {
    ++sums.objects;
    sums.bytes += slot.bytes;
  }
  return sums;
}

/// True for the dump's slip: past the last slot of a span that seep knows, but inside its pages.
bool is_past_the_slots(const snapshot::Heap& heap, const DumpedObject& object) {
  auto after = std::upper_bound(heap.spans.begin(), heap.spans.end(), object.address,
                                [](std::uint64_t address, const snapshot::Span& span) {
                                  return address < span.start.value();
                                });
  if (after == heap.spans.begin()) return false;
  const snapshot::Span& span = *(after - 1);
  return object.address < span.end().value() && object.bytes == span.slot_bytes &&
         object.address >= (span.start + span.slot_count * span.slot_bytes).value();
}

std::string first_few(const std::vector<DumpedObject>& objects) {
  std::string text;
  for (std::size_t i = 0; i < objects.size() && i < 10; ++i) {
    char line[64];
    std::snprintf(line, sizeof line, "  %#llx %llu bytes\n",
                  static_cast<unsigned long long>(objects[i].address),
                  static_cast<unsigned long long>(objects[i].bytes));
    text += line;
  }
  return text;
}

void compare_with_dump(const snapshot::Snapshot& seen, const HeapDump& dump) {
  std::vector<DumpedObject> ours = slots_of(seen.heap, false);
  std::vector<DumpedObject> only_dumped;
  std::vector<DumpedObject> only_ours;
  std::set_difference(dump.objects.begin(), dump.objects.end(), ours.begin(), ours.end(),
                      std::back_inserter(only_dumped));
  std::set_difference(ours.begin(), ours.end(), dump.objects.begin(), dump.objects.end(),
                      std::back_inserter(only_ours));
  std::size_t slips = std::erase_if(only_dumped, [&](const DumpedObject& object) {
    return is_past_the_slots(seen.heap, object);
  });
  EXPECT_TRUE(only_ours.empty()) << only_ours.size() << " objects that the runtime does not have:\n"
                                 << first_few(only_ours);
  EXPECT_TRUE(only_dumped.empty()) << only_dumped.size() << " objects of the runtime not seen:\n"
                                   << first_few(only_dumped);
  testing::Test::RecordProperty("objects_equal", std::to_string(ours.size() - only_ours.size()));
  std::printf("%zu objects equal, %zu slots past the last object left out\n",
              ours.size() - only_ours.size(), slips);
}

void expect_invariants(const snapshot::Snapshot& seen) {
  for (const snapshot::Invariant& invariant : seen.invariants) {
    EXPECT_TRUE(invariant.holds) << invariant.name << ": " << invariant.detail;
  }
}

/// What seep and the runtime say of one point.
struct TwoWords {
  snapshot::Snapshot seen;
  HeapDump dump;
  nlohmann::json truth;

  /// On a busy machine one of the runtime's own goroutines may be late and allocate after all.
  bool speak_of_one_point() const { return dump.mallocs == truth["mallocs"]; }
};

Result<TwoWords> ask_both(const std::string& program, bool clean) {
  std::filesystem::path file = std::filesystem::temp_directory_path() /
                               ("seep-objects-" + std::to_string(getpid()) + ".dump");
  TargetProcess target =
      TRY(TargetProcess::start(program, {clean ? "-clean=true" : "-clean=false", file}));
  TwoWords words;
  words.truth = nlohmann::json::parse(target.truth());
  words.seen = TRY(pipeline::capture(target.pid(), {}));
  TRY(target.step("dump"));
  Result<HeapDump> dump = read_heap_dump(file);
  std::filesystem::remove(file);
  words.dump = TRY(std::move(dump));
  return words;
}

TEST_P(ObjectsTest, equal_the_heap_dump_and_mem_stats) {
  const Variant& variant = GetParam();
  if (!has_go(variant.go)) GTEST_SKIP() << no_go(variant.go);
  Result<std::string> program = build_target("heap_shapes", variant.go, variant.build);
  if (!program && program.error().message.find("GOEXPERIMENT") != std::string::npos) {
    GTEST_SKIP() << "this release has no such experiment: " << program.error().message;
  }
  ASSERT_TRUE(program) << program.error().message;
  Result<TwoWords> words = ask_both(*program, variant.clean);
  for (int i = 0; words && !words->speak_of_one_point() && i < kMostPoints; ++i) {
    words = ask_both(*program, variant.clean);
  }
  ASSERT_TRUE(words) << words.error().message;
  ASSERT_TRUE(words->speak_of_one_point()) << "the target allocated after READY";

  compare_with_dump(words->seen, words->dump);
  SlotSums all = sums_of(slots_of(words->seen.heap, true));
  const nlohmann::json& truth = words->truth;
  if (variant.clean) {
    EXPECT_EQ(all.bytes, truth["heap_alloc"]);
    EXPECT_EQ(all.objects, truth["heap_objects"]);
    EXPECT_EQ(words->seen.runtime.heap_in_use, truth["heap_inuse"]);
  } else {
    // The sweeper goes on behind the program's back, so the sums can only have fallen since.
    EXPECT_LE(all.bytes, truth["heap_alloc"]);
    EXPECT_LE(all.objects, truth["heap_objects"]);
  }
  expect_invariants(words->seen);
}

TEST_P(ObjectsTest, add_up_at_any_instant_of_allocating_and_collecting) {
  const Variant& variant = GetParam();
  if (!has_go(variant.go)) GTEST_SKIP() << no_go(variant.go);
  Result<std::string> program = build_target("heap_shapes", variant.go, variant.build);
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program, {"-scale", "3", "/dev/null"});
  ASSERT_TRUE(target) << target.error().message;
  ASSERT_TRUE(target->step("churn"));
  for (int i = 0; i < 8; ++i) {
    Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
    ASSERT_TRUE(seen) << seen.error().message;
    expect_invariants(*seen);
    EXPECT_GT(sums_of(slots_of(seen->heap, false)).objects, 30000u);
    EXPECT_EQ(seen->unreadable_bytes, 0u);
  }
  EXPECT_TRUE(target->step());
}

}  // namespace
}  // namespace seep::test
