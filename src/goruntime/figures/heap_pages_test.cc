// What the runtime says of its pages, against its own sums.
#include "goruntime/figures/heap_pages.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "goruntime/figures/goroutine_stacks.h"
#include "goruntime/figures/runtime_regions.h"
#include "goruntime/figures/runtime_statistics.h"
#include "goruntime/heap/profile_buckets.h"
#include "goruntime/heap/span_reader.h"
#include "goruntime/stopped_program_test.h"
#include "support/target_process.h"

namespace seep::goruntime {
namespace {

using snapshot::Resident;

std::uint64_t bytes_of(const MemoryParts& parts, Resident account) {
  std::uint64_t total = 0;
  for (const MemoryPart& part : parts) {
    if (part.account == account) total += part.range.size();
  }
  return total;
}

/// Of both lists.
std::uint64_t bytes_in(const MemoryParts& a, const MemoryParts& b, Resident account) {
  std::uint64_t total = 0;
  for (const MemoryPart& part : a) {
    for (const MemoryPart& other : b) {
      if (other.account != account) continue;
      AddressRange common{std::max(part.range.begin, other.range.begin),
                          std::min(part.range.end, other.range.end)};
      total += common.size();
    }
  }
  return total;
}

std::uint64_t bytes_outside(const MemoryParts& parts, Resident account, const MemoryParts& spans) {
  return bytes_of(parts, account) - bytes_in(spans, parts, account);
}

class HeapPagesTest : public testing::TestWithParam<std::string> {
 protected:
  void stop(const std::string& mode) {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    Result<std::string> program = test::build_target("resident", GetParam());
    ASSERT_TRUE(program) << program.error().message;
    Result<test::TargetProcess> target = test::TargetProcess::start(*program, {mode, "64"});
    ASSERT_TRUE(target) << target.error().message;
    target_.emplace(std::move(*target));
    Result<std::unique_ptr<test::StoppedProgram>> stopped =
        test::StoppedProgram::stop(target_->pid());
    ASSERT_TRUE(stopped) << stopped.error().message;
    program_ = std::move(*stopped);
  }

  void expect_sums_of_the_runtime() {
    Result<HeapPages> pages = read_heap_pages(program_->memory(), program_->layout(),
                                              program_->variables(), diagnostics_);
    ASSERT_TRUE(pages) << pages.error().message;
    snapshot::RuntimeStatistics sums =
        read_runtime_statistics(program_->memory(), program_->layout(), program_->variables());
    EXPECT_EQ(bytes_of(pages->spans, Resident::kHeapLive), sums.heap_in_use);
    EXPECT_EQ(bytes_of(pages->spans, Resident::kStacks), sums.stacks_in_use);
    std::uint64_t given_back = bytes_of(pages->cached, Resident::kReturnedLazily) +
                               bytes_of(pages->free, Resident::kReturnedLazily);
    std::uint64_t kept = bytes_outside(pages->cached, Resident::kHeapFree, pages->spans) +
                         bytes_outside(pages->free, Resident::kHeapFree, pages->spans) -
                         bytes_in(pages->cached, pages->free, Resident::kHeapFree);
    std::uint64_t untouched = rest_of_arena();
    if (minor() >= 26) {
      // Pages before the random beginning of the heap are allocated, in no span, and count as
      // released.
      std::uint64_t padding = sums.heap_released - given_back - untouched;
      EXPECT_LT(padding, 4u << 20);
      untouched += padding;
      kept -= padding;
    }
    EXPECT_EQ(given_back + untouched, sums.heap_released);
    EXPECT_EQ(kept, sums.heap_free);
    for (const auto& [what, times] : diagnostics_.counts()) ADD_FAILURE() << times << " " << what;
  }

  // Go 1.13-1.16 count what no page of the current arena came from yet as released.
  std::uint64_t rest_of_arena() const {
    const auto& members = program_->layout().mheap;
    if (minor() < 13 || minor() > 16) return 0;
    Address heap = program_->variables().mheap;
    Result<Address> base = program_->memory().read_address(heap + members.curArena_base.offset);
    Result<Address> end = program_->memory().read_address(heap + members.curArena_end.offset);
    return base && end ? *end - *base : 0;
  }
  int minor() const { return std::atoi(GetParam().substr(GetParam().find('.') + 1).c_str()); }

  std::optional<test::TargetProcess> target_;
  std::unique_ptr<test::StoppedProgram> program_;
  Diagnostics diagnostics_;
};

TEST_P(HeapPagesTest, after_a_peak_add_up_to_the_runtimes_sums) {
  stop("peak");
  if (HasFatalFailure() || IsSkipped()) return;
  expect_sums_of_the_runtime();
}

TEST_P(HeapPagesTest, that_were_given_back_add_up_to_the_runtimes_sums) {
  stop("lazy");
  if (HasFatalFailure() || IsSkipped()) return;
  expect_sums_of_the_runtime();
}

bool lies_in(Address address, const MemoryParts& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](const MemoryPart& part) { return part.range.contains(address); });
}

TEST_P(HeapPagesTest, and_what_describes_them_lie_in_the_runtimes_regions) {
  stop("sparse");
  if (HasFatalFailure() || IsSkipped()) return;
  const target::MemoryReader& memory = program_->memory();
  const RuntimeLayout& layout = program_->layout();
  RuntimeRegions regions =
      read_runtime_regions(memory, layout, program_->variables(), diagnostics_);
  Result<HeapSpans> spans = read_spans(memory, layout, program_->variables(), diagnostics_);
  ASSERT_TRUE(spans) << spans.error().message;
  for (std::size_t i = 0; i < spans->details.size(); ++i) {
    const SpanDetail& detail = spans->details[i];
    EXPECT_TRUE(lies_in(spans->heap.spans[i].start, regions.arenas));
    EXPECT_TRUE(lies_in(detail.mspan, regions.tables));
    EXPECT_TRUE(detail.specials.is_null() || lies_in(detail.specials, regions.tables));
    Result<Address> marks = memory.read_address(detail.mspan + layout.mspan.gcmarkBits.offset);
    ASSERT_TRUE(marks);
    EXPECT_TRUE(lies_in(*marks, regions.tables));
  }
  ProfileBuckets buckets =
      read_profile_buckets(memory, layout, program_->variables(), diagnostics_);
  for (const ProfileBucket& bucket : buckets.buckets) {
    EXPECT_TRUE(lies_in(bucket.address, regions.tables));
  }
  EXPECT_EQ(buckets.buckets.empty(), regions.profile_table.empty());
  for (const auto& [what, times] : diagnostics_.counts()) ADD_FAILURE() << times << " " << what;
}

TEST_P(HeapPagesTest, stacks_of_goroutines_are_counted_by_the_g_structs_too) {
  stop("stacks");
  if (HasFatalFailure() || IsSkipped()) return;
  Result<GoroutineStacks> stacks = read_goroutine_stacks(program_->memory(), program_->layout(),
                                                         program_->variables(), diagnostics_);
  ASSERT_TRUE(stacks) << stacks.error().message;
  constexpr std::uint64_t kDeep = 8192;  // goroutines, in 64 MiB
  EXPECT_GE(stacks->alive, kDeep);
  EXPECT_LT(stacks->alive, kDeep + 20);
  EXPECT_NEAR(static_cast<double>(stacks->bytes), 64.0 * (1 << 20), 1 << 20);
  EXPECT_NEAR(static_cast<double>(stacks->needed_bytes), 32.0 * (1 << 20), 1 << 20);
  for (const auto& [what, times] : diagnostics_.counts()) ADD_FAILURE() << times << " " << what;
}

INSTANTIATE_TEST_SUITE_P(Go, HeapPagesTest, testing::ValuesIn(test::go_shape_versions()),
                         test::VersionName());

}  // namespace
}  // namespace seep::goruntime
