// Spans of programs that are stopped at any instant, with the collector at work.

#include "goruntime/span_reader.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "goruntime/heap_invariants.h"
#include "goruntime/runtime_statistics.h"
#include "support/read_heap.h"

namespace seep::goruntime {
namespace {

bool is_stopped(const std::filesystem::path& task) {
  std::string line;
  std::ifstream status(task / "status");
  while (std::getline(status, line)) {
    if (line.starts_with("State:")) return line.find("T (stopped)") != std::string::npos;
  }
  return true;  // it ended
}

bool all_threads_stopped(pid_t pid) {
  std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task");
  return std::all_of(begin(tasks), end(tasks), [](const std::filesystem::directory_entry& task) {
    return is_stopped(task.path());
  });
}

class SpanReaderTest : public testing::TestWithParam<std::string> {
 protected:
  void stop() {
    ASSERT_EQ(kill(heap_.target->pid(), SIGSTOP), 0);
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!all_threads_stopped(heap_.target->pid())) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline);
      usleep(200);
    }
  }
  void resume() { ASSERT_EQ(kill(heap_.target->pid(), SIGCONT), 0); }

  void expect_invariants() {
    const test::RuntimeOfProcess& runtime = heap_.runtime;
    snapshot::RuntimeStatistics statistics =
        read_runtime_statistics(*runtime.memory, runtime.layout, runtime.variables);
    for (const snapshot::Invariant& invariant :
         check_heap_invariants(*runtime.memory, runtime.layout, runtime.variables, heap_.spans,
                               heap_.counts, statistics)) {
      EXPECT_TRUE(invariant.holds) << invariant.name << ": " << invariant.detail;
    }
  }

  // What was marked is reachable, so it never leads to what was not.
  std::uint64_t references_to_dead_objects() const {
    std::uint64_t count = 0;
    const snapshot::Heap& heap = heap_.heap();
    for (std::uint32_t target : heap.references.targets) {
      if (heap.dead_unswept.test(target)) ++count;
    }
    return count;
  }

  test::ReadHeap heap_;
};

TEST_P(SpanReaderTest, stops_at_any_instant_are_read_without_contradiction) {
  if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
  Result<test::ReadHeap> heap = test::ReadHeap::start("churn", GetParam());
  ASSERT_TRUE(heap) << heap.error().message;
  heap_ = std::move(*heap);
  int with_dead = 0, collecting = 0, quiet = 0;
  std::uint64_t free_slots = 0, references = 0;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int i = 0; (i < 30 || with_dead < 3) && std::chrono::steady_clock::now() < deadline; ++i) {
    usleep(static_cast<useconds_t>(500 + i * 377 % 3000));
    stop();
    Result<void> read = heap_.read();
    ASSERT_TRUE(read) << read.error().message;
    expect_invariants();
    EXPECT_EQ(references_to_dead_objects(), 0u);
    free_slots += heap_.counts.to_free_slots;
    references += heap_.counts.references;
    (heap_.spans.collecting ? collecting : quiet) += 1;
    if (heap_.heap().dead_unswept.count() > 0) ++with_dead;
    resume();
  }
  EXPECT_GE(with_dead, 3) << "of " << quiet << " stops outside and " << collecting << " in marking";
  EXPECT_EQ(free_slots, 0u) << "of " << references;
}

INSTANTIATE_TEST_SUITE_P(Go, SpanReaderTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
