// The variables of programs that have symbols, found as if they had none: the same addresses.
#include "goruntime/layout/variables_by_shape.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "elf/symbol_table.h"
#include "goruntime/code/module_search.h"
#include "goruntime/layout/go_version.h"
#include "goruntime/layout/layout_from_table.h"
#include "goruntime/layout/program_build.h"
#include "goruntime/layout/runtime_variables.h"
#include "support/build_flavour.h"
#include "support/target_process.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::goruntime {
namespace {

/// What another memory says, with some words changed at random.
class LyingMemory final : public target::MemoryReader {
 public:
  /// From one word in 64 to one in 32,768, by the seed.
  LyingMemory(const target::MemoryReader& truth, unsigned seed)
      : truth_(truth), every_(std::size_t{64} << seed % 10), random_(seed) {}

  std::size_t read_some(Address address, std::span<std::byte> out) const override {
    std::size_t read = truth_.read_some(address, out);
    for (std::size_t at = 8 * (random_() % every_); at + 8 <= read; at += 8 * every_) {
      std::uint64_t word = random_() % 2 == 0 ? random_() : std::uint64_t{1} << random_() % 64;
      std::memcpy(out.data() + at, &word, 8);
    }
    return read;
  }

 private:
  const target::MemoryReader& truth_;
  std::size_t every_;
  mutable std::mt19937_64 random_;
};

using Parameters = std::tuple<std::string, std::string>;  // release, flavour

struct NamedPlace {
  std::string_view name;
  Address RuntimeVariables::* place;
};

constexpr NamedPlace kPlaces[] = {
    {"mheap_", &RuntimeVariables::mheap},
    {"allgs", &RuntimeVariables::allgs},
    {"allp", &RuntimeVariables::allp},
    {"allm", &RuntimeVariables::allm},
    {"firstmoduledata", &RuntimeVariables::firstmoduledata},
    {"mbuckets", &RuntimeVariables::mbuckets},
    {"MemProfileRate", &RuntimeVariables::mem_profile_rate},
    {"semtable", &RuntimeVariables::semtable},
    {"gcphase", &RuntimeVariables::gcphase},
    {"allfin", &RuntimeVariables::allfin},
    {"gcCleanups", &RuntimeVariables::gc_cleanups},
    {"memstats", &RuntimeVariables::memstats},
    {"gcController", &RuntimeVariables::gc_controller},
    {"waitReasonStrings", &RuntimeVariables::wait_reason_strings},
    {"gcpercent", &RuntimeVariables::gc_percent},
    {"itabTable", &RuntimeVariables::itab_table},
    {"timers", &RuntimeVariables::timers},
    {"sched", &RuntimeVariables::sched},
    {"debug", &RuntimeVariables::debug},
    {"work", &RuntimeVariables::work},
    {"gcBitsArenas", &RuntimeVariables::gc_bits_arenas},
    {"persistentChunks", &RuntimeVariables::persistent_chunks},
};

/// A running program, what its symbols say, and what a search without them needs.
class ShapeTest : public testing::TestWithParam<Parameters> {
 protected:
  void SetUp() override {
    const auto& [version, flavour] = GetParam();
    if (!test::is_plain_build()) GTEST_SKIP() << "chooses its own flavours of builds";
    if (!test::has_go(version)) GTEST_SKIP() << test::no_go(version);
    Result<void> done = start(version, flavour);
    ASSERT_TRUE(done) << done.error().message;
  }

  Result<void> start(const std::string& version, const std::string& flavour_name) {
    test::BuildOptions options;
    for (const test::BuildFlavour& flavour : test::kBuildFlavours) {
      if (flavour.name == flavour_name) options = test::with_flavour({}, flavour, version);
    }
    std::string program = TRY(test::build_target("heap_shapes", version, options));
    process_ = std::make_unique<test::TargetProcess>(
        TRY(test::TargetProcess::start(program, {"/dev/null"})));
    files_ =
        std::make_unique<target::ProgramFiles>(TRY(target::find_program_files(process_->pid())));
    memory_ =
        std::make_unique<target::LiveProcess>(TRY(target::LiveProcess::open(process_->pid())));
    elf::BuildInfo build = TRY(read_program_build(files_->executable));
    GoVersion release = TRY(parse_go_version(build.go_version));
    layout_ = TRY(layout_of_release(release));
    symbols_ = TRY(
        find_runtime_variables(elf::SymbolTable::read(files_->executable), nullptr, files_->slide));
    // There it has no member that seep reads; and there are others of that name in other packages.
    if (!layout_.gc_controller.gcPercent.exists()) symbols_.gc_controller = Address();
    if (layout_.timers != TimerShape::kBuckets) symbols_.timers = Address();
    return {};
  }

  Result<RuntimeVariables> find(bool use_code, bool use_sections, Diagnostics& diagnostics) {
    return find_in(*memory_, use_code, use_sections, diagnostics);
  }

  Result<RuntimeVariables> find_in(const target::MemoryReader& memory, bool use_code,
                                   bool use_sections, Diagnostics& diagnostics) {
    Address first = TRY(find_module_data(files_->executable, files_->slide, memory, layout_));
    std::vector<ModuleData> modules = TRY(read_modules(memory, layout_, first));
    FunctionTable functions = TRY(FunctionTable::build(memory, layout_, modules));
    ShapeSearch search{memory, layout_, modules.front(), functions, use_code, use_sections};
    return find_variables_by_shape(search, diagnostics);
  }

  // Shapes are looked for in the running program here: a list that moves while it is followed is no
  // list, and then seep looks again.
  void expect_all_found() {
    constexpr int kMostLooks = 4;
    Diagnostics diagnostics;
    Result<RuntimeVariables> found = find(true, false, diagnostics);
    for (int look = 1; look < kMostLooks && !diagnostics.counts().empty(); ++look) {
      diagnostics = {};
      found = find(true, false, diagnostics);
    }
    ASSERT_TRUE(found) << found.error().message;
    for (const NamedPlace& row : kPlaces) {
      EXPECT_EQ((*found).*row.place, symbols_.*row.place) << row.name;
    }
    EXPECT_EQ(found->wait_reason_count, symbols_.wait_reason_count);
    EXPECT_TRUE(diagnostics.counts().empty()) << diagnostics.counts().begin()->first;
  }

  std::unique_ptr<test::TargetProcess> process_;
  std::unique_ptr<target::ProgramFiles> files_;
  std::unique_ptr<target::LiveProcess> memory_;
  RuntimeLayout layout_;
  RuntimeVariables symbols_;
};

INSTANTIATE_TEST_SUITE_P(Go, ShapeTest,
                         testing::Combine(testing::ValuesIn(test::go_versions()),
                                          testing::Values("plain", "pie", "cgo", "noopt")),
                         [](const testing::TestParamInfo<Parameters>& parameter) {
                           std::string name = "go" + std::get<0>(parameter.param) + "_" +
                                              std::get<1>(parameter.param);
                           for (char& letter : name) {
                             if (letter == '.') letter = '_';
                           }
                           return name;
                         });

TEST_P(ShapeTest, all_variables_are_where_the_symbols_say) { expect_all_found(); }

TEST_P(ShapeTest, all_variables_are_found_while_the_program_allocates_and_collects) {
  ASSERT_TRUE(process_->step("churn"));
  for (int i = 0; i < 5; ++i) expect_all_found();
}

TEST_P(ShapeTest, what_seep_cannot_do_without_is_found_by_shape_alone) {
  Diagnostics diagnostics;
  Result<RuntimeVariables> found = find(false, true, diagnostics);
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->mheap, symbols_.mheap);
  EXPECT_EQ(found->allgs, symbols_.allgs);
  EXPECT_EQ(found->allp, symbols_.allp);
  EXPECT_EQ(found->wait_reason_strings, symbols_.wait_reason_strings);
  EXPECT_EQ(found->wait_reason_count, symbols_.wait_reason_count);
  EXPECT_FALSE(diagnostics.counts().empty()) << "what has a weak shape is not guessed";
}

TEST_P(ShapeTest, a_memory_full_of_errors_ends_in_an_answer_or_a_sentence) {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    LyingMemory lies(*memory_, seed);
    Diagnostics diagnostics;
    Result<RuntimeVariables> found = find_in(lies, seed % 20 < 10, true, diagnostics);
    if (!found) {
      EXPECT_FALSE(found.error().message.empty());
    }
  }
}

}  // namespace
}  // namespace seep::goruntime
