// Who goes on while the copy of a program is read is known afterwards: the program itself says whom
// it has woken since.
#include "goruntime/goroutines/went_on.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "goruntime/go_program.h"
#include "pipeline/read_image.h"
#include "support/target_process.h"
#include "target/freeze.h"
#include "target/live_process.h"

namespace seep::test {
namespace {

constexpr std::size_t kMany = 500;

class WentOnTest : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Go, WentOnTest, testing::ValuesIn(go_versions()), VersionName());

/// A copy, and what is read from it.
struct Look {
  target::Freeze frozen;
  snapshot::Snapshot seen;
};

Result<Look> look_at(pid_t pid, const goruntime::GoProgram& program) {
  target::Freeze frozen = TRY(target::freeze(pid, {}));
  snapshot::Snapshot seen;
  TRY(pipeline::read_image(
      program, {frozen.memory(), frozen.threads(), 0}, [](pipeline::Step) {}, seen));
  return Look{std::move(frozen), std::move(seen)};
}

/// It asks for its own number, which may wait for the runtime: its real wait is yet to come.
bool is_about_to_wait(const snapshot::Snapshot& seen, const snapshot::Goroutine& goroutine) {
  return std::ranges::any_of(seen.stacks[goroutine.stack], [&](const snapshot::StackFrame& frame) {
    return seen.strings.text(frame.function) == "main.goroutineNumber";
  });
}

/// Of those that say afterwards whether they were woken.
std::vector<const snapshot::Goroutine*> waiters(const snapshot::Snapshot& seen) {
  std::vector<const snapshot::Goroutine*> found;
  for (const snapshot::Goroutine& goroutine : seen.goroutines)
    if (snapshot::is_waiting(goroutine.status) && !is_about_to_wait(seen, goroutine) &&
        seen.strings.text(goroutine.created_by.function) == "main.start")
      found.push_back(&goroutine);
  return found;
}

/// Looks until many wait.
Result<Look> look_at_many(pid_t pid, const goruntime::GoProgram& program) {
  auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  Result<Look> look = look_at(pid, program);
  while (look && waiters(look->seen).size() < kMany && std::chrono::steady_clock::now() < end)
    look = look_at(pid, program);
  return look;
}

TEST_P(WentOnTest, those_that_are_woken_after_the_copy_was_taken_and_nobody_else) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> built = build_target("random_blocking", GetParam());
  ASSERT_TRUE(built) << built.error().message;
  Result<TargetProcess> target = TargetProcess::start(*built, {"7"});
  ASSERT_TRUE(target) << target.error().message;
  Result<target::LiveProcess> process = target::LiveProcess::open(target->pid());
  ASSERT_TRUE(process) << process.error().message;
  Result<target::ProgramFiles> files = target::find_program_files(target->pid());
  ASSERT_TRUE(files) << files.error().message;
  Result<std::unique_ptr<goruntime::GoProgram>> program =
      goruntime::open_program(std::move(*files), *process);
  ASSERT_TRUE(program) << program.error().message;

  Result<Look> look = look_at_many(target->pid(), **program);
  ASSERT_TRUE(look) << look.error().message;
  Result<void> finished = target->step("finish", std::chrono::seconds(120));
  ASSERT_TRUE(finished) << finished.error().message;
  nlohmann::json truth = nlohmann::json::parse(target->truth(), nullptr, false);
  ASSERT_TRUE(truth.is_object()) << target->truth().substr(0, 200);
  std::set<std::uint64_t> woken;
  for (const nlohmann::json& goroutine : truth["woken"])
    woken.insert(goroutine["number"].get<std::uint64_t>());

  snapshot::Snapshot& seen = look->seen;
  goruntime::mark_those_that_went_on(look->frozen.memory(), *process, (*program)->layout,
                                     seen.goroutines);
  std::size_t went_on = 0, stayed = 0;
  for (const snapshot::Goroutine* goroutine : waiters(seen)) {
    EXPECT_EQ(goroutine->went_on, woken.contains(goroutine->id)) << "goroutine " << goroutine->id;
    ++(goroutine->went_on ? went_on : stayed);
  }
  EXPECT_GT(went_on, 10u);
  EXPECT_GT(stayed, 10u);
}

}  // namespace
}  // namespace seep::test
