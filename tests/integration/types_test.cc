// How much of a real heap has a type, and whether it is the right one.
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <string>

#include "graph/reference_path.h"
#include "graph/type_inference.h"
#include "pipeline/capture.h"
#include "support/build_flavour.h"
#include "support/target_process.h"
#include "support/untyped_groups.h"

namespace seep {
namespace {

using snapshot::GcRoot;
using snapshot::ObjectId;
using snapshot::RootReference;
using snapshot::Snapshot;

class TypesTest : public testing::TestWithParam<std::string> {
 protected:
  void read(const std::string& name, const std::vector<std::string>& arguments) {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    Result<std::string> program = test::build_target(name, GetParam());
    ASSERT_TRUE(program) << program.error().message;
    Result<test::TargetProcess> target = test::TargetProcess::start(*program, arguments);
    ASSERT_TRUE(target) << target.error().message;
    Result<Snapshot> captured = pipeline::capture(target->pid(), {});
    ASSERT_TRUE(captured) << captured.error().message;
    snapshot_ = std::move(*captured);
    types_ = graph::infer_types(snapshot_);
    for (const snapshot::Span& span : snapshot_.heap.spans) {
      for (std::uint32_t i = 0; i < span.slot_count; ++i) {
        ObjectId id{span.first.value + i};
        if (snapshot_.heap.is_object(id)) ++count_[type_name(id)];
      }
    }
  }

  std::string type_name(ObjectId id) const {
    return graph::object_type_name(snapshot_.types, types_, id);
  }
  std::string largest_untyped() const {
    std::string text;
    for (const test::UntypedGroup& group : test::untyped_groups(snapshot_, types_)) {
      if (text.size() > 2000) break;
      text += std::to_string(group.bytes) + " bytes in slots of " +
              std::to_string(group.slot_bytes) + " from " + group.referrer + "\n";
    }
    return text;
  }
  ObjectId global(const std::string& name) const {
    for (const GcRoot& root : snapshot_.roots.roots) {
      if (root.kind == snapshot::RootKind::kGlobal && snapshot_.strings.text(root.name) == name) {
        return snapshot_.roots.references[root.first_reference].target;
      }
    }
    return {};
  }

  /// Without debug information what has a type header (Go 1.22) is sure, the rest is told by shape.
  double wanted_percent() const {
    if (test::no_debug_information().empty()) return 95;
    return test::too_old("heap_shapes/type_headers", GetParam()).empty() ? 85 : 60;
  }
  void expect_about(const std::string& type, std::uint64_t expected) {
    EXPECT_GE(count_[type], expected) << type;
    EXPECT_LE(count_[type], expected + expected / 50 + 40) << type;
  }

  Snapshot snapshot_;
  graph::TypeAssignment types_;
  std::map<std::string, std::uint64_t> count_;  ///< objects by type
};

INSTANTIATE_TEST_SUITE_P(Go, TypesTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

TEST_P(TypesTest, nearly_all_of_a_heap_of_everything_has_a_type) {
  read("heap_shapes", {"-scale", "20", "/dev/null"});
  if (IsSkipped()) return;
  ASSERT_GT(types_.bytes, 8u << 20);
  double percent =
      100 * static_cast<double>(types_.typed_bytes) / static_cast<double>(types_.bytes);
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", percent);
  RecordProperty("percent_of_bytes_typed", text);
  std::printf("%s %% of bytes typed\n", text);
  EXPECT_GT(percent, wanted_percent()) << largest_untyped();
  EXPECT_LE(types_.misfits, 10u);
}

TEST_P(TypesTest, objects_have_the_types_that_the_source_gives_them) {
  std::string stripped = test::no_debug_information();
  if (!stripped.empty()) GTEST_SKIP() << stripped;
  read("heap_shapes", {"-scale", "5", "/dev/null"});
  if (IsSkipped()) return;
  const std::vector<std::pair<const char*, std::string>> globals = {
      {"main.tree", "main.node"},
      {"main.smallMap", "map[string]int"},
      {"main.largeMap", "map[string]*main.node"},
      {"main.linked", "list.List"},
      {"main.texts", "[]string"},
      {"main.slices", "[][]string"},
      {"main.closures", "[]func() int"},
      {"main.channels", "[]chan *main.node"},
      {"main.bufferedTexts", "chan string"},
      {"main.hugeBytes", "[]uint8"},
      {"main.hugePointers", "[]*main.node"},
      {"main.hugeStructs", "[]main.session"},
      {"main.headers", "[]*main.header"},
      {"main.arrays", "[64][4]*main.node"},
      {"main.cancelled", "context.valueCtx"},
      {"main.timers", "[]*time.Timer"},
      {"main.substring", "string"},
  };
  for (const auto& [name, type] : globals) EXPECT_EQ(type_name(global(name)), type) << name;

  const std::pair<const char*, std::uint64_t> counts[] = {
      {"list.Element", 5000},
      {"main.polygon", 501},
      {"main.header", 300},
      {"chan *main.node", 200},
      {"[200]uint8", 5000},
      {"time.Timer", 20},
      {"func main.(*polygon).area-fm", 300},
      {"map[string][]uint8", 250},
      {"map[int]int", 200},
  };
  for (const auto& [type, expected] : counts) expect_about(type, expected);
}

TEST_P(TypesTest, objects_of_generic_types_have_their_instances) {
  std::string stripped = test::no_debug_information();
  if (!stripped.empty()) GTEST_SKIP() << stripped;
  std::string reason = test::too_old("heap_shapes/generics", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  read("heap_shapes", {"-scale", "5", "/dev/null"});
  if (IsSkipped()) return;
  EXPECT_EQ(type_name(global("main.generics")), "main.pair[string,*main.node]");
  EXPECT_EQ(type_name(global("main.genericInts")), "main.pair[int,[]int]");
  expect_about("main.pair[string,*main.node]", 500);
  expect_about("main.pair[int,[]int]", 500);
  // atomic.Pointer came with Go 1.19, a sync.Map that is generic inside with Go 1.24.
  if (test::too_old("heap_shapes/atomic_pointer", GetParam()).empty()) {
    EXPECT_EQ(type_name(global("main.atomicNode")), "main.node");
  }
  if (test::too_old("heap_shapes/hash_trie", GetParam()).empty()) {
    expect_about("sync.entry[interface {},interface {}]", 500);
  }
}

// What such a goroutine holds lies in a stack slot that no variable names.
TEST_P(TypesTest, what_a_hung_goroutine_is_sending_has_a_type) {
  std::string stripped = test::no_debug_information();
  if (!stripped.empty()) GTEST_SKIP() << stripped;
  read("hung_goroutines", {"send", "leaky"});
  if (IsSkipped()) return;
  std::uint64_t senders = 0, typed = 0;
  for (const snapshot::Goroutine& goroutine : snapshot_.goroutines) {
    if (snapshot_.strings.text(goroutine.wait_reason) != "chan send") continue;
    ++senders;
    EXPECT_EQ(type_name(goroutine.waits_for.at(0).object), "chan []uint8");
    const GcRoot& root = snapshot_.roots[goroutine.root];
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      const RootReference& held = snapshot_.roots.references[root.first_reference + i];
      if (snapshot_.heap.size_of(held.target) != 4096) continue;
      EXPECT_EQ(snapshot_.types[held.type].name, "[]uint8");
      EXPECT_EQ(type_name(held.target), "[]uint8");
      ++typed;
      break;
    }
  }
  EXPECT_GT(senders, 0u);
  EXPECT_EQ(typed, senders);
}

}  // namespace
}  // namespace seep
