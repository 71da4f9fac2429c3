// Every goroutine of a program with 10,000 of them, against runtime.Stack(all) at the same point:
// state, frames with file and line, inlined calls, creator.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "pipeline/capture.h"
#include "support/build_flavour.h"
#include "support/snapshot_stacks.h"
#include "support/stack_text.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

/// A way to build goroutines_10k: as the flavour of the test run tells, or besides.
struct Variant {
  std::string name;
  std::string go;
  BuildOptions build;
};

std::vector<Variant> variants() {
  std::vector<Variant> all;
  for (const std::string& go : go_versions()) {
    all.push_back({"as_told", go, {}});
    if (!is_plain_build()) continue;
    all.push_back({"unoptimised", go, {{"-gcflags=all=-N -l"}, {}}});
    all.push_back({"pie", go, {{"-buildmode=pie"}, {}}});
  }
  return all;
}

void PrintTo(const Variant& variant, std::ostream* out) { *out << variant.name; }

class GoroutineStacksTest : public testing::TestWithParam<Variant> {};
INSTANTIATE_TEST_SUITE_P(Go, GoroutineStacksTest, testing::ValuesIn(variants()),
                         [](const auto& parameter) {
                           testing::TestParamInfo<std::string> go(parameter.param.go, 0);
                           return VersionName()(go) + "_" + parameter.param.name;
                         });

TEST_P(GoroutineStacksTest, equal_runtime_stack_for_10000_mixed_goroutines) {
  const Variant& variant = GetParam();
  // The race detector of old releases follows 8128 goroutines at most.
  std::size_t count = build_flavour() && build_flavour()->race ? 5000 : 10000;
  if (!has_go(variant.go)) GTEST_SKIP() << no_go(variant.go);
  Result<std::string> program = build_target("goroutines_10k", variant.go, variant.build);
  ASSERT_TRUE(program) << program.error().message;
  std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("seep-stacks-" + std::to_string(getpid()) + ".txt");
  Result<TargetProcess> target = TargetProcess::start(*program, {std::to_string(count), file});
  ASSERT_TRUE(target) << target.error().message;
  std::ifstream stream(file);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  std::filesystem::remove(file);
  std::vector<StackTextGoroutine> expected = parse_stack_text(text);
  ASSERT_GT(expected.size(), count);

  Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), {});
  ASSERT_TRUE(seen) << seen.error().message;
  std::map<std::uint64_t, const snapshot::Goroutine*> by_id;
  for (const snapshot::Goroutine& goroutine : seen->goroutines) {
    bool gone = goroutine.status == snapshot::GoroutineStatus::kDead ||
                goroutine.status == snapshot::GoroutineStatus::kIdle;
    if (!goroutine.system && !gone) by_id[goroutine.id] = &goroutine;
  }
  std::size_t equal = 0;
  std::size_t different = 0;
  for (const StackTextGoroutine& wanted : expected) {
    auto found = by_id.find(wanted.id);
    ASSERT_NE(found, by_id.end()) << "goroutine " << wanted.id << " was not seen";
    // Goroutine 1 moved on from writing the text to waiting for the next command.
    if (wanted.id != 1) {
      std::string wrong = difference(*seen, *found->second, wanted);
      if (wrong.empty()) {
        ++equal;
      } else if (++different <= 5) {
        ADD_FAILURE() << "goroutine " << wanted.id << "\n" << wrong;
      }
    }
    by_id.erase(found);
  }
  EXPECT_EQ(different, 0u);
  for (const auto& [id, goroutine] : by_id) {
    ADD_FAILURE() << "goroutine " << id
                  << " is not in runtime.Stack: " << stack_text_of(*seen, goroutine->stack);
  }
  RecordProperty("goroutines_equal", std::to_string(equal));
  std::printf("%zu goroutines equal\n", equal);
}

}  // namespace
}  // namespace seep::test
