// Where the resident memory of real programs is, against what they know of themselves, and against
// the kernel's sums.
#include "pipeline/resident.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/byte_size.h"
#include "procfs/smaps.h"
#include "support/build_flavour.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

using snapshot::Resident;
using snapshot::ResidentMemory;
using snapshot::ResidentReading;
using Json = nlohmann::json;

std::string text_of(const ResidentMemory& memory) {
  std::string text = "rss " + to_text(ByteSize(memory.rss_bytes));
  for (std::size_t i = 0; i < snapshot::kResidentAccounts; ++i) {
    if (memory.accounts[i] == 0) continue;
    text += "\n  " + std::string(name_of(static_cast<Resident>(i))) + ": " +
            to_text(ByteSize(memory.accounts[i]));
  }
  return text;
}

Resident account_named(const std::string& name) {
  for (std::size_t i = 0; i < snapshot::kResidentAccounts; ++i) {
    if (name_of(static_cast<Resident>(i)) == name) return static_cast<Resident>(i);
  }
  ADD_FAILURE() << "no account is called " << name;
  return Resident::kUnexplained;
}

double share(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

class ResidentTest : public testing::TestWithParam<std::string> {
 protected:
  static constexpr double kSumTolerance = 0.01, kKnownTolerance = 0.05;

  void start(const std::string& mode, const std::vector<std::string>& environment = {},
             bool with_c = false) {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    Result<BuildFlavour> flavour = build_flavour();
    if (flavour && flavour->race) GTEST_SKIP() << "the race detector's shadow memory is nobody's";
    BuildOptions build;
    if (with_c) build.environment = {"CGO_ENABLED=1", "CGO_CFLAGS=-O2 -g -gdwarf-4"};
    Result<std::string> program = build_target("resident", GetParam(), build);
    ASSERT_TRUE(program) << program.error().message;
    TargetProcess::Options options;
    options.environment = environment;
    options.environment.push_back("RESIDENT_DIRECTORY=" + cache_directory());
    Result<TargetProcess> target = TargetProcess::start(*program, {mode}, options);
    ASSERT_TRUE(target) << target.error().message;
    target_.emplace(std::move(*target));
    Json truth = Json::parse(target_->truth());
    if (truth["refused"] != "") GTEST_SKIP() << mode << ": " << truth["refused"];
    look();
  }

  // The truth is asked for before and after: scavengers do not rest.
  void look() {
    Json before = Json::parse(target_->truth());
    Result<procfs::MemoryFigures> kernel_before = procfs::read_memory_figures(target_->pid());
    Result<ResidentReading> reading = pipeline::read_resident(target_->pid(), diagnostics_);
    ASSERT_TRUE(reading) << reading.error().message;
    Result<procfs::MemoryFigures> kernel_after = procfs::read_memory_figures(target_->pid());
    ASSERT_TRUE(kernel_before && kernel_after);
    reading_ = *reading;
    ASSERT_TRUE(target_->step());
    Json after = Json::parse(target_->truth());
    account_ = account_named(before["account"]);
    std::tie(least_, most_) =
        std::minmax(before["bytes"].get<std::uint64_t>(), after["bytes"].get<std::uint64_t>());
    expect_sums(kernel_before->rss, kernel_after->rss);
  }

  void expect_sums(std::uint64_t before, std::uint64_t after) {
    const ResidentMemory& memory = reading_.memory;
    std::uint64_t sum =
        std::accumulate(memory.accounts.begin(), memory.accounts.end(), std::uint64_t{0});
    EXPECT_EQ(sum, memory.rss_bytes);
    auto [least, most] = std::minmax(before, after);
    EXPECT_GE(share(sum, least), 1 - kSumTolerance);
    EXPECT_LE(share(sum, most), 1 + kSumTolerance);
    std::uint64_t unexplained = memory[Resident::kUnexplained];
    EXPECT_LT(share(unexplained, sum), 0.01) << text_of(memory);
    // What nobody claims is in this one: it must not be something else's in disguise.
    if (account_ != Resident::kOwnMappings) unexplained += memory[Resident::kOwnMappings];
    EXPECT_LT(share(unexplained, sum), 0.01) << text_of(memory);
    EXPECT_TRUE(memory.heap_divided && memory.pages_known);
    testing::Test::RecordProperty("unexplained_ppm",
                                  static_cast<int>(1e6 * share(unexplained, sum)));
  }

  void expect_known_bytes() {
    std::uint64_t bytes = reading_.memory[account_];
    EXPECT_GE(share(bytes, least_), 1 - kKnownTolerance) << text_of(reading_.memory);
    EXPECT_LE(share(bytes, most_), 1 + kKnownTolerance) << text_of(reading_.memory);
  }

  int minor() const { return std::atoi(GetParam().substr(GetParam().find('.') + 1).c_str()); }

  std::optional<TargetProcess> target_;
  ResidentReading reading_;
  Resident account_{};
  std::uint64_t least_ = 0, most_ = 0;  ///< what the program knows of it
  Diagnostics diagnostics_;
};
INSTANTIATE_TEST_SUITE_P(Go, ResidentTest, testing::ValuesIn(go_versions()), VersionName());

// start() may have skipped or failed.
#define START(...)    \
  start(__VA_ARGS__); \
  if (HasFatalFailure() || IsSkipped()) return

TEST_P(ResidentTest, memory_given_back_lazily_is_told_from_used_memory) {
  START("lazy");
  if (minor() <= 15) {
    expect_known_bytes();
    EXPECT_TRUE(reading_.facts.lazy_free);
    return;
  }
  // Since Go 1.16 the system takes it at once.
  EXPECT_EQ(reading_.memory[Resident::kReturnedLazily], 0u) << text_of(reading_.memory);
  EXPECT_LT(reading_.memory.rss_bytes, least_ / 2);
}

TEST_P(ResidentTest, memory_given_back_lazily_on_request_is_known_in_later_releases) {
  if (minor() <= 15) GTEST_SKIP() << "these do it without being asked";
  START("lazy", {"GODEBUG=madvdontneed=0"});
  expect_known_bytes();
}

TEST_P(ResidentTest, memory_kept_after_a_peak_is_free) {
  START("peak");
  expect_known_bytes();
}

TEST_P(ResidentTest, unused_parts_of_spans_are_waste) {
  START("sparse");
  expect_known_bytes();
  const snapshot::SpanOccupancy& spans = reading_.facts.occupancy;
  EXPECT_GT(share(spans.sparse_bytes, spans.bytes), 0.8);
  EXPECT_LT(share(spans.sparse_used_bytes, spans.sparse_bytes), 0.25);
}

TEST_P(ResidentTest, garbage_is_told_from_live_objects) {
  START("gogc", {"GOGC=400"});
  expect_known_bytes();
  const ResidentMemory& memory = reading_.memory;
  Json truth = Json::parse(target_->truth());
  EXPECT_NEAR(share(memory[Resident::kHeapLive], truth["live"]), 1, kKnownTolerance);
  EXPECT_NEAR(share(memory.unjudged_bytes, memory[Resident::kHeapGarbage]), 1, kKnownTolerance);
}

TEST_P(ResidentTest, stacks_of_a_hundred_thousand_goroutines_are_stacks) {
  START("stacks");
  expect_known_bytes();
  ASSERT_TRUE(reading_.facts.stacks_needed);
  EXPECT_NEAR(share(*reading_.facts.stacks_needed, least_), 0.5, 0.02);  // 4 KiB of 8 each
}

TEST_P(ResidentTest, huge_pages_bring_back_what_was_given_back) {
  START("huge", {"GODEBUG=madvdontneed=1"});
  expect_known_bytes();
}

TEST_P(ResidentTest, a_mapped_file_is_the_files) {
  START("mapped");
  expect_known_bytes();
  ASSERT_TRUE(reading_.facts.largest_mapped);
  EXPECT_NEAR(share(reading_.facts.largest_mapped->bytes, least_), 1, kKnownTolerance);
  EXPECT_NE(reading_.facts.largest_mapped->path.find("seep-resident"), std::string::npos);
}

TEST_P(ResidentTest, a_file_in_tmpfs_is_shared_memory) {
  START("tmpfs");
  expect_known_bytes();
  ASSERT_TRUE(reading_.facts.largest_shared);
  EXPECT_NEAR(share(reading_.facts.largest_shared->bytes, least_), 1, kKnownTolerance);
}

TEST_P(ResidentTest, what_the_program_maps_itself_is_not_the_runtimes) {
  START("own");
  expect_known_bytes();
}

TEST_P(ResidentTest, what_the_program_maps_itself_is_not_malloc_s) {
  START("own", {}, true);
  expect_known_bytes();
  EXPECT_TRUE(reading_.facts.uses_c);
}

TEST_P(ResidentTest, what_c_allocates_is_told_from_what_go_does) {
  START("cgo", {}, true);
  expect_known_bytes();
  EXPECT_TRUE(reading_.facts.uses_c);
}

TEST_P(ResidentTest, stacks_of_c_threads_are_theirs) {
  START("threads", {}, true);
  expect_known_bytes();
  EXPECT_GT(reading_.facts.threads, 100u);
}

TEST_P(ResidentTest, a_busy_program_is_read_as_well_as_can_be) {
  if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
  Result<std::string> program = build_target("churn", GetParam());
  ASSERT_TRUE(program) << program.error().message;
  Result<TargetProcess> target = TargetProcess::start(*program);
  ASSERT_TRUE(target) << target.error().message;
  std::vector<double> unexplained;
  for (int i = 0; i < 21; ++i) {
    Result<ResidentReading> reading = pipeline::read_resident(target->pid(), diagnostics_);
    ASSERT_TRUE(reading) << reading.error().message;
    const ResidentMemory& memory = reading->memory;
    EXPECT_EQ(std::accumulate(memory.accounts.begin(), memory.accounts.end(), std::uint64_t{0}),
              memory.rss_bytes);
    EXPECT_TRUE(memory.heap_divided && memory.pages_known);
    unexplained.push_back(share(memory[Resident::kUnexplained], memory.rss_bytes));
  }
  // One reading may meet the program where it gives a lot back at once.
  std::sort(unexplained.begin(), unexplained.end());
  EXPECT_LT(unexplained[unexplained.size() / 2], 0.01);
  EXPECT_LT(unexplained.back(), 0.25);
}

TEST(ResidentOfAnyProcess, that_is_no_go_program_goes_by_the_kernels_word) {
  Diagnostics diagnostics;
  Result<ResidentReading> reading = pipeline::read_resident(getpid(), diagnostics);
  ASSERT_TRUE(reading) << reading.error().message;
  const ResidentMemory& memory = reading->memory;
  EXPECT_FALSE(memory.heap_divided);
  EXPECT_EQ(memory[Resident::kHeapLive] + memory[Resident::kMetadata], 0u) << text_of(memory);
  EXPECT_GT(memory[Resident::kBinary], 1u << 20) << text_of(memory);
  EXPECT_GT(memory[Resident::kCMemory], 0u) << text_of(memory);
  EXPECT_LT(share(memory[Resident::kUnexplained], memory.rss_bytes), 0.01) << text_of(memory);
  EXPECT_LT(share(memory[Resident::kOwnMappings], memory.rss_bytes), 0.05) << text_of(memory);
  EXPECT_TRUE(reading->facts.uses_c);
}

TEST(ResidentOfAnyProcess, that_does_not_exist_is_not_found) {
  Diagnostics diagnostics;
  EXPECT_EQ(pipeline::read_resident(0x3ffffff, diagnostics).error().kind, ErrorKind::kNotFound);
}

}  // namespace
}  // namespace seep::test
