// Programs that were stripped in every usual way. One frozen image of each is read twice: with what
// the running file still has, and with the file as it was before. Only names and types may be
// missing then.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "goruntime/go_program.h"
#include "pipeline/read_image.h"
#include "support/build_flavour.h"
#include "support/command.h"
#include "support/target_process.h"
#include "target/freeze.h"
#include "target/live_process.h"
#include "target/program_files.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;
using snapshot::GcRoot;
using snapshot::Goroutine;
using snapshot::RootKind;
using snapshot::Snapshot;

/// Deletes a file when it goes out of scope.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& name)
      : path_((fs::temp_directory_path() / ("seep-" + name + "-" + std::to_string(getpid())))
                  .string()) {}
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// What sstrip does beyond strip: the headers of sections say that there are none.
void remove_section_headers(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  constexpr std::streamoff kSectionOffset = 40, kSectionCounts = 58;  // Elf64_Ehdr
  const char zeros[8] = {};
  file.seekp(kSectionOffset);
  file.write(zeros, 8);
  file.seekp(kSectionCounts);
  file.write(zeros, 6);
}

std::vector<std::string> frames_of(const Snapshot& seen, const Goroutine& goroutine) {
  std::vector<std::string> frames;
  for (const snapshot::StackFrame& frame : seen.stacks[goroutine.stack]) {
    frames.push_back(seen.strings.text(frame.function) + " " + seen.strings.text(frame.file) + ":" +
                     std::to_string(frame.line));
  }
  return frames;
}

/// But for types: all descriptors are looked at where nothing else names types
/// (inferred_types_test.cc).
std::string to_text(const Diagnostics& diagnostics) {
  std::string text;
  for (const auto& [what, count] : diagnostics.counts()) {
    if (what.starts_with("type descriptors")) continue;
    text += std::to_string(count) + " " + what + "\n";
  }
  return text;
}

/// Targets of the words of all roots of a kind, in order.
std::vector<std::uint32_t> targets_of(const Snapshot& seen, RootKind kind) {
  std::vector<std::uint32_t> targets;
  for (const GcRoot& root : seen.roots.roots) {
    if (root.kind != kind) continue;
    for (std::uint32_t i = 0; i < root.reference_count; ++i) {
      targets.push_back(seen.roots.references[root.first_reference + i].target.value);
    }
  }
  std::ranges::sort(targets);
  return targets;
}

void expect_same_goroutines(const Snapshot& stripped, const Snapshot& whole) {
  ASSERT_EQ(stripped.goroutines.size(), whole.goroutines.size());
  for (std::size_t i = 0; i < whole.goroutines.size(); ++i) {
    const Goroutine& one = stripped.goroutines[i];
    const Goroutine& other = whole.goroutines[i];
    EXPECT_EQ(one.id, other.id);
    EXPECT_EQ(one.status, other.status);
    EXPECT_EQ(one.wait_kind, other.wait_kind);
    EXPECT_EQ(one.unwound, other.unwound);
    EXPECT_EQ(one.waits_for, other.waits_for);
    EXPECT_EQ(stripped.strings.text(one.wait_reason), whole.strings.text(other.wait_reason));
    EXPECT_EQ(frames_of(stripped, one), frames_of(whole, other));
  }
}

void expect_same(const Snapshot& stripped, const Snapshot& whole) {
  EXPECT_EQ(stripped.heap.spans, whole.heap.spans);
  EXPECT_TRUE(stripped.heap.allocated == whole.heap.allocated);
  EXPECT_TRUE(stripped.heap.dead_unswept == whole.heap.dead_unswept);
  EXPECT_TRUE(stripped.heap.references == whole.heap.references);
  EXPECT_EQ(stripped.heap.samples, whole.heap.samples);
  for (RootKind kind :
       {RootKind::kGlobal, RootKind::kGoroutine, RootKind::kFinalizer, RootKind::kCleanup,
        RootKind::kWeakHandle, RootKind::kQueue, RootKind::kCleanupQueue}) {
    EXPECT_EQ(targets_of(stripped, kind), targets_of(whole, kind));
  }
  EXPECT_EQ(stripped.runtime, whole.runtime);
  EXPECT_EQ(stripped.timers.size(), whole.timers.size());
  EXPECT_EQ(stripped.allocation_sites.size(), whole.allocation_sites.size());
  EXPECT_EQ(stripped.allocation_sample_rate, whole.allocation_sample_rate);
  EXPECT_EQ(stripped.unreadable_bytes, whole.unreadable_bytes);
  EXPECT_TRUE(stripped.invariants == whole.invariants);
  EXPECT_EQ(to_text(stripped.diagnostics), to_text(whole.diagnostics));
  expect_same_goroutines(stripped, whole);
}

using Parameters = std::tuple<std::string, std::string>;  // release, flavour

class StrippedTest : public testing::TestWithParam<Parameters> {
 protected:
  void SetUp() override {
    const auto& [version, flavour_name] = GetParam();
    if (!is_plain_build()) GTEST_SKIP() << "chooses its own flavours of builds";
    if (!has_go(version)) GTEST_SKIP() << no_go(version);
    BuildOptions options;
    for (const BuildFlavour& flavour : kBuildFlavours) {
      if (flavour.name == flavour_name) options = with_flavour({}, flavour, version);
    }
    Result<std::string> program = build_target("heap_shapes", version, options);
    ASSERT_TRUE(program) << program.error().message;
    whole_ = *program;
    fs::copy_file(whole_, stripped_.path(), fs::copy_options::overwrite_existing);
  }

  void strip(const std::vector<std::string>& flags) {
    std::vector<std::string> command = {"strip"};
    command.insert(command.end(), flags.begin(), flags.end());
    command.push_back(stripped_.path());
    CommandResult result = run_command(command);
    ASSERT_EQ(result.status, 0) << result.err;
  }

  Result<std::unique_ptr<goruntime::GoProgram>> open(const target::LiveProcess& process,
                                                     const std::string& file, std::uint64_t slide) {
    elf::ElfFile executable = TRY(elf::ElfFile::open(file));
    return goruntime::open_program({std::move(executable), std::nullopt, slide, {}}, process);
  }

  Result<void> read_twice(pid_t pid) {
    target::LiveProcess process = TRY(target::LiveProcess::open(pid));
    elf::ElfFile running = TRY(elf::ElfFile::open(stripped_.path()));
    std::uint64_t slide = TRY(target::find_slide(pid, running));
    std::unique_ptr<goruntime::GoProgram> stripped = TRY(open(process, stripped_.path(), slide));
    std::unique_ptr<goruntime::GoProgram> whole = TRY(open(process, whole_, slide));
    target::Freeze frozen = TRY(target::freeze(pid, {}));
    pipeline::Image image{frozen.memory(), frozen.threads()};
    TRY(pipeline::read_image(*stripped, image, [](pipeline::Step) {}, seen_stripped_));
    TRY(pipeline::read_image(*whole, image, [](pipeline::Step) {}, seen_whole_));
    EXPECT_FALSE(stripped->dwarf.has_value());
    EXPECT_TRUE(whole->dwarf.has_value());
    return {};
  }

  void expect_that_names_alone_are_missing() {
    Result<TargetProcess> target = TargetProcess::start(stripped_.path(), {"/dev/null"});
    ASSERT_TRUE(target) << target.error().message;
    Result<void> done = read_twice(target->pid());
    ASSERT_TRUE(done) << done.error().message;
    expect_same(seen_stripped_, seen_whole_);
  }

  bool has_global(const std::string& name) const {
    return std::ranges::any_of(seen_stripped_.roots.roots, [&](const GcRoot& root) {
      return root.kind == RootKind::kGlobal &&
             seen_stripped_.strings.text(root.name).starts_with(name);
    });
  }

  std::string whole_;
  TemporaryFile stripped_{"stripped"};
  Snapshot seen_stripped_, seen_whole_;
};

INSTANTIATE_TEST_SUITE_P(Go, StrippedTest,
                         testing::Combine(testing::ValuesIn(go_versions()),
                                          testing::Values("plain", "pie", "cgo")),
                         [](const testing::TestParamInfo<Parameters>& parameter) {
                           std::string name = "go" + std::get<0>(parameter.param) + "_" +
                                              std::get<1>(parameter.param);
                           for (char& letter : name) {
                             if (letter == '.') letter = '_';
                           }
                           return name;
                         });

TEST_P(StrippedTest, strip_takes_names_alone) {
  strip({});
  expect_that_names_alone_are_missing();
  EXPECT_TRUE(has_global(".bss+0x"));
  EXPECT_TRUE(has_global("runtime.allgs"));
  EXPECT_FALSE(has_global("main."));
}

TEST_P(StrippedTest, without_debug_information_symbols_name_variables) {
  strip({"--strip-debug"});
  expect_that_names_alone_are_missing();
  EXPECT_TRUE(has_global("main."));
}

TEST_P(StrippedTest, some_symbols_that_are_not_the_runtimes_do_not_mislead) {
  strip({"--strip-all", "--keep-symbol=main.main", "--keep-symbol=_start"});
  expect_that_names_alone_are_missing();
}

TEST_P(StrippedTest, section_headers_are_not_needed) {
  strip({});
  remove_section_headers(stripped_.path());
  expect_that_names_alone_are_missing();
}

}  // namespace
}  // namespace seep::test
