#include "pipeline/snapshot_profiles.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace seep::pipeline {
namespace {

using snapshot::AllocationSite;
using snapshot::Goroutine;
using snapshot::GoroutineStatus;
using snapshot::Snapshot;
using snapshot::StackId;

constexpr std::uint64_t kRate = 512 << 10;

StackId add_stack(Snapshot& snapshot, const std::vector<std::string>& functions) {
  std::vector<snapshot::StackFrame> frames;
  for (const std::string& name : functions)
    frames.push_back({snapshot.strings.intern(name), snapshot.strings.intern("a.go"), 5, false});
  snapshot.stacks.stacks.push_back(frames);
  return StackId{static_cast<std::uint32_t>(snapshot.stacks.stacks.size() - 1)};
}

void add_goroutine(Snapshot& snapshot, StackId stack, bool system = false,
                   GoroutineStatus status = GoroutineStatus::kWaiting) {
  Goroutine goroutine;
  goroutine.stack = stack;
  goroutine.system = system;
  goroutine.status = status;
  snapshot.goroutines.push_back(goroutine);
}

std::vector<std::string> functions_of(const profile::Sample& sample) {
  std::vector<std::string> names;
  for (const profile::Location& place : sample.stack) names.emplace_back(place.function);
  return names;
}

// The figures are those of scaleHeapSample, run by Go with these arguments.
TEST(HeapSampleTest, is_scaled_as_runtime_pprof_does) {
  EXPECT_EQ(scale_heap_sample(0, 16, kRate), ScaledSample{});
  EXPECT_EQ(scale_heap_sample(3, 0, kRate), ScaledSample{});
  EXPECT_EQ(scale_heap_sample(7, 100, 1), (ScaledSample{7, 700}));
  EXPECT_EQ(scale_heap_sample(7, 100, 0), (ScaledSample{7, 700}));
  EXPECT_EQ(scale_heap_sample(1, 16, kRate), (ScaledSample{32768, 524296}));
  EXPECT_EQ(scale_heap_sample(3, 208, kRate), (ScaledSample{7563, 1573176}));
  EXPECT_EQ(scale_heap_sample(80, 65536, kRate), (ScaledSample{680, 44619079}));
  EXPECT_EQ(scale_heap_sample(2, 64 << 20, kRate), (ScaledSample{2, 134217728}));
}

TEST(HeapSampleTest, damaged_figures_do_not_overflow) {
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();
  constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(scale_heap_sample(kMost, kMost, kMost), (ScaledSample{kLargest, kLargest}));
  EXPECT_EQ(scale_heap_sample(kMost, kMost, 1), (ScaledSample{kLargest, kLargest}));
  EXPECT_EQ(scale_heap_sample(kMost, 1, kMost), (ScaledSample{kLargest, kLargest}));
}

TEST(HeapProfileTest, sites_are_samples_without_the_runtimes_leaves) {
  Snapshot snapshot;
  snapshot.allocation_sample_rate = 1;
  snapshot.program.captured_unix_ms = 1'796'000'000'123;
  StackId made =
      add_stack(snapshot, {"runtime.makeslice", "main.make", "runtime.main", "runtime.goexit"});
  StackId own = add_stack(snapshot, {"runtime.allocm", "runtime.mstart"});
  snapshot.allocation_sites = {
      {made, 48, 10, 4}, {own, 64, 2, 0}, {made, 16, 0, 0}, {made, 32, 1, 3}};
  std::optional<profile::Profile> profile = heap_profile_of(snapshot);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->time_ns, 1'796'000'000'123'000'000);
  EXPECT_EQ(profile->period, 1);
  ASSERT_EQ(profile->sample_types.size(), 4u);
  EXPECT_EQ(profile->sample_types[3].type, "inuse_space");
  ASSERT_EQ(profile->samples.size(), 3u);
  EXPECT_EQ(functions_of(profile->samples[0]),
            (std::vector<std::string>{"main.make", "runtime.main"}));
  EXPECT_EQ(profile->samples[0].values, (std::vector<std::int64_t>{10, 480, 6, 288}));
  EXPECT_EQ(profile->samples[0].labels.at(0).number, 48);
  EXPECT_EQ(functions_of(profile->samples[1]),
            (std::vector<std::string>{"runtime.allocm", "runtime.mstart"}));
  // More freed than allocated: a reading that was torn. Nothing is in use then.
  EXPECT_EQ(profile->samples[2].values, (std::vector<std::int64_t>{1, 32, 0, 0}));
}

TEST(HeapProfileTest, there_is_none_of_a_program_that_keeps_no_samples) {
  Snapshot snapshot;
  snapshot.allocation_sites = {{add_stack(snapshot, {"main.make"}), 48, 10, 4}};
  EXPECT_FALSE(heap_profile_of(snapshot));
}

TEST(GoroutineProfileTest, counts_by_stack_without_the_runtimes_own) {
  Snapshot snapshot;
  StackId few = add_stack(snapshot, {"main.serve", "main.main"});
  StackId many = add_stack(snapshot, {"main.wait"});
  add_goroutine(snapshot, few);
  for (int i = 0; i < 3; ++i) add_goroutine(snapshot, many);
  add_goroutine(snapshot, many, true);
  add_goroutine(snapshot, many, false, GoroutineStatus::kDead);
  add_goroutine(snapshot, many, false, GoroutineStatus::kIdle);
  add_goroutine(snapshot, StackId{});
  snapshot.goroutines.back().start_function = snapshot.strings.intern("main.lost");
  add_goroutine(snapshot, StackId{});
  profile::Profile profile = goroutine_profile_of(snapshot);
  ASSERT_EQ(profile.samples.size(), 4u);
  EXPECT_EQ(functions_of(profile.samples[0]), (std::vector<std::string>{"main.wait"}));
  EXPECT_EQ(profile.samples[0].values, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(functions_of(profile.samples[1]), (std::vector<std::string>{"(stack not read)"}));
  EXPECT_EQ(functions_of(profile.samples[2]), (std::vector<std::string>{"main.lost"}));
  EXPECT_EQ(functions_of(profile.samples[3]),
            (std::vector<std::string>{"main.serve", "main.main"}));
}

}  // namespace
}  // namespace seep::pipeline
