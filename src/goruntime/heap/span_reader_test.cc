// Spans of programs that are stopped at any instant, with the collector at work.

#include "goruntime/heap/span_reader.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "goruntime/figures/runtime_statistics.h"
#include "goruntime/heap/heap_invariants.h"
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

// What a copy of the program's memory without its pointer-free ranges would be.
class ScannableMemory final : public target::MemoryReader {
 public:
  ScannableMemory(const target::MemoryReader& memory, std::vector<AddressRange> holes)
      : memory_(memory), holes_(std::move(holes)) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    auto hole = std::partition_point(holes_.begin(), holes_.end(), [&](const AddressRange& range) {
      return range.end <= address;
    });
    if (hole != holes_.end()) {
      if (hole->contains(address)) return 0;
      out = out.first(std::min<std::uint64_t>(out.size(), hole->begin - address));
    }
    return memory_.read_some(address, out);
  }

 private:
  const target::MemoryReader& memory_;
  std::vector<AddressRange> holes_;
};

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

  // The invariants that do not hold, in words.
  std::string contradictions() const {
    const test::RuntimeOfProcess& runtime = heap_.runtime;
    snapshot::RuntimeStatistics statistics =
        read_runtime_statistics(*runtime.memory, runtime.layout, runtime.variables);
    std::string text;
    for (const snapshot::Invariant& invariant :
         check_heap_invariants(*runtime.memory, runtime.layout, runtime.variables, heap_.spans,
                               heap_.counts, statistics)) {
      if (!invariant.holds) text += invariant.name + ": " + invariant.detail + "\n";
    }
    return text;
  }

  // As capture does: a stop that contradicts itself is followed by another a moment later. What the
  // last one contradicts.
  std::string read_until_sound(int& readings) {
    for (readings = 1;; ++readings) {
      Result<void> read = heap_.read();
      if (!read) return read.error().message;
      std::string text = contradictions();
      if (text.empty() || readings == kMostReadings) return text;
      resume();
      usleep(500);
      stop();
    }
  }

  // What was marked is reachable, so it never leads to what was not. Of a span in the middle of
  // being swept it may be unknown what was marked.
  std::uint64_t references_to_dead_objects() const {
    std::uint64_t count = 0;
    const snapshot::Heap& heap = heap_.heap();
    for (std::size_t i = 0; i < heap.spans.size(); ++i) {
      if (heap_.spans.details[i].being_swept) continue;
      std::uint32_t first = heap.references.first[heap.spans[i].first.value];
      std::uint32_t end =
          heap.references.first[heap.spans[i].first.value + heap.spans[i].slot_count];
      for (; first < end; ++first) count += heap.dead_unswept.test(heap.references.targets[first]);
    }
    return count;
  }

  void expect_same_without_pointer_free_memory() {
    std::vector<AddressRange> ranges = pointer_free_ranges(heap_.spans);
    // Just after a collection there may be none for an instant.
    with_pointer_free_ += ranges.empty() ? 0 : 1;
    ScannableMemory memory(*heap_.runtime.memory, std::move(ranges));
    const test::RuntimeOfProcess& runtime = heap_.runtime;
    Diagnostics diagnostics;
    Result<HeapSpans> spans = read_spans(memory, runtime.layout, runtime.variables, diagnostics);
    ASSERT_TRUE(spans) << spans.error().message;
    EXPECT_EQ(spans->heap.spans, heap_.heap().spans);
    EXPECT_EQ(spans->heap.allocated, heap_.heap().allocated);
    EXPECT_EQ(spans->heap.dead_unswept, heap_.heap().dead_unswept);
    auto none = [](Address) { return snapshot::TypeId{}; };
    ClaimResolvers resolvers{none, none, none};
    snapshot::TypeTable types;
    ScanInput input{memory, heap_.index, runtime.modules, runtime.variables.itab_table,
                    {},     resolvers,   types,           1};
    Result<ScanCounts> counts = scan_references(std::move(input), *spans, diagnostics);
    ASSERT_TRUE(counts);
    EXPECT_EQ(counts->unreadable_bytes, 0u);
    EXPECT_EQ(spans->heap.references, heap_.heap().references);
    for (const auto& [what, times] : diagnostics.counts()) {
      EXPECT_TRUE(heap_.diagnostics.counts().contains(what)) << times << " " << what;
    }
  }

  test::ReadHeap heap_;
  int with_pointer_free_ = 0;  ///< readings with memory that need not be read
};

TEST_P(SpanReaderTest, stops_at_any_instant_are_read_without_contradiction) {
  if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
  Result<test::ReadHeap> heap = test::ReadHeap::start("churn", GetParam());
  ASSERT_TRUE(heap) << heap.error().message;
  heap_ = std::move(*heap);
  int with_dead = 0, collecting = 0, quiet = 0, read_anew = 0;
  std::uint64_t free_slots = 0, references = 0;
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (int i = 0; (i < 30 || with_dead < 3) && std::chrono::steady_clock::now() < deadline; ++i) {
    usleep(static_cast<useconds_t>(500 + i * 377 % 3000));
    stop();
    int readings = 0;
    std::string wrong = read_until_sound(readings);
    EXPECT_EQ(wrong, "");
    read_anew += readings - 1;
    EXPECT_EQ(references_to_dead_objects(), 0u);
    if (i < 30) expect_same_without_pointer_free_memory();
    free_slots += heap_.counts.to_free_slots;
    references += heap_.counts.references;
    (heap_.spans.collecting ? collecting : quiet) += 1;
    if (heap_.heap().dead_unswept.count() > 0) ++with_dead;
    resume();
  }
  EXPECT_GT(with_pointer_free_, 0);
  EXPECT_GE(with_dead, 3) << "of " << quiet << " stops outside and " << collecting << " in marking";
  EXPECT_EQ(free_slots, 0u) << "of " << references;
  // Such instants are so rare that reading a few times is enough.
  EXPECT_LE(read_anew * 10, quiet + collecting);
}

INSTANTIATE_TEST_SUITE_P(Go, SpanReaderTest, testing::ValuesIn(test::go_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
