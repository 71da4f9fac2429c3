// Programs as Go can build them: position independent, mixed with C, with plugins, as a library in
// a program of C, with a shared standard library. Objects and goroutines are compared with the
// runtime's own word, and the names of what holds them are looked at.
#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "pipeline/analyze.h"
#include "pipeline/capture.h"
#include "pipeline/capture_core.h"
#include "support/build_flavour.h"
#include "support/command.h"
#include "support/core_writer.h"
#include "support/heap_dump.h"
#include "support/oracle_comparison.h"
#include "support/seep_command.h"
#include "support/stack_text.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

bool has_c_compiler() { return run_command({"gcc", "--version"}).status == 0; }

BuildOptions with_c(const std::string& go, std::vector<std::string> flags) {
  BuildOptions options{std::move(flags), {"CGO_ENABLED=1"}};
  // Older ones cannot read the DWARF 5 that gcc writes by default.
  if (minor_of(go) < 14) options.environment.emplace_back("CGO_CFLAGS=-O2 -g -gdwarf-4");
  return options;
}

std::string text_of_file(const std::string& path) {
  std::ifstream stream(path);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::set<std::string> global_names(const snapshot::Snapshot& seen) {
  std::set<std::string> names;
  for (const snapshot::GcRoot& root : seen.roots.roots) {
    if (root.kind == snapshot::RootKind::kGlobal) names.insert(seen.strings.text(root.name));
  }
  return names;
}

/// As `seep heap --by type` counts them.
std::uint64_t objects_of_type(const snapshot::Snapshot& seen, const std::string& name) {
  analysis::HeapQuestion question;
  question.by = analysis::HeapRowsBy::kType;
  question.top = 100'000;
  Result<analysis::HeapReport> report = pipeline::explain_heap(seen, question, {});
  EXPECT_TRUE(report) << report.error().message;
  if (!report) return 0;
  for (const analysis::HeapRow& row : report->rows) {
    if (row.name == name) return row.count;
  }
  return 0;
}

class BuildModesTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    if (!has_c_compiler()) GTEST_SKIP() << "there is no gcc";
  }

  std::string build(const std::string& name, std::vector<std::string> flags = {}) {
    Result<std::string> program = build_target(name, GetParam(), with_c(GetParam(), flags));
    EXPECT_TRUE(program) << program.error().message;
    return program.value_or("");
  }

  /// Runs a program that serves as package oracle does and compares what seep sees, in the process
  /// and in a core of it, with what the runtime says.
  snapshot::Snapshot compare(const std::string& program, std::vector<std::string> arguments = {},
                             bool with_core = true) {
    arguments.push_back(folder_.file("dump"));
    arguments.push_back(folder_.file("stacks"));
    Result<TargetProcess> target = TargetProcess::start(program, arguments);
    EXPECT_TRUE(target) << target.error().message;
    if (!target) return {};
    std::vector<StackTextGoroutine> stacks = parse_stack_text(text_of_file(folder_.file("stacks")));
    nlohmann::json truth = nlohmann::json::parse(target->truth());
    pipeline::CaptureOptions options;
    options.resident = true;
    Result<snapshot::Snapshot> seen = pipeline::capture(target->pid(), options);
    EXPECT_TRUE(seen) << seen.error().message;
    if (with_core) {
      Result<void> written = write_core_of(target->pid(), folder_.file("core"));
      EXPECT_TRUE(written) << written.error().message;
    }
    Result<void> dumped = target->step("dump");
    EXPECT_TRUE(dumped) << dumped.error().message;
    Result<HeapDump> dump = read_heap_dump(folder_.file("dump"));
    EXPECT_TRUE(dump) << dump.error().message;
    if (!seen || !dump) return {};
    EXPECT_EQ(dump->mallocs, truth["mallocs"]) << "the program allocated after READY";
    expect_equal(*seen, *dump, stacks);
    expect_accounts(*seen, !with_core);
    if (with_core) {
      SCOPED_TRACE("core");
      Result<snapshot::Snapshot> core = pipeline::capture_core(folder_.file("core"), {});
      EXPECT_TRUE(core) << core.error().message;
      if (!core) return {};
      expect_equal(*core, *dump, stacks);
      EXPECT_EQ(global_names(*core), global_names(*seen));
    }
    return std::move(*seen);
  }

  static void expect_equal(const snapshot::Snapshot& seen, const HeapDump& dump,
                           const std::vector<StackTextGoroutine>& stacks) {
    Comparison objects = compare_objects(seen, dump);
    EXPECT_EQ(objects.different, 0u) << objects.differences;
    EXPECT_GT(objects.equal, 1000u);
    Comparison goroutines = compare_goroutines(seen, stacks);
    EXPECT_EQ(goroutines.different, 0u) << goroutines.differences;
    EXPECT_EQ(goroutines.equal, stacks.size());
    for (const snapshot::Invariant& invariant : seen.invariants) {
      EXPECT_TRUE(invariant.holds) << invariant.name << ": " << invariant.detail;
    }
    EXPECT_EQ(seen.unreadable_bytes, 0u);
    std::printf("%zu objects, %zu goroutines equal\n", objects.equal, goroutines.equal);
  }

  /// Every page of a live process is somebody's, however the program was built; only the shadow
  /// memory of a sanitizer is nobody's.
  static void expect_accounts(const snapshot::Snapshot& seen, bool has_shadow) {
    ASSERT_TRUE(seen.resident);
    const snapshot::ResidentMemory& memory = seen.resident->memory;
    EXPECT_TRUE(memory.heap_divided && memory.pages_known);
    std::uint64_t nobodys = memory[snapshot::Resident::kUnexplained];
    if (!has_shadow) nobodys += memory[snapshot::Resident::kOwnMappings];
    EXPECT_LT(nobodys, memory.rss_bytes / 100);
  }

  /// Compiles host.c; `more` are further words for gcc.
  std::string build_host(std::vector<std::string> more) {
    std::vector<std::string> words = {"gcc", "-g", "-o", folder_.file("host"),
                                      source_directory() + "/tests/targets/c_host/host.c"};
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), {"-lpthread", "-ldl"});
    CommandResult built = run_command(words);
    EXPECT_EQ(built.status, 0) << built.err;
    return folder_.file("host");
  }

  TemporaryFolder folder_;
};

/// The standard library of a release as a shared library: made once.
Result<std::string> shared_library(const std::string& go) {
  std::string folder = cache_directory() + "/shared-std/go" + go;
  if (fs::exists(folder + "/libstd.so")) return folder;
  CommandOptions options;
  options.environment = {"GOENV=off",    "GOTOOLCHAIN=local", "GOROOT=" + go_root(go),
                         "GOFLAGS=",     "GO111MODULE=off",   "GOPROXY=off",
                         "CGO_ENABLED=1"};
  if (minor_of(go) < 14) options.environment.emplace_back("CGO_CFLAGS=-O2 -g -gdwarf-4");
  options.deadline = std::chrono::seconds(900);
  std::string unfinished = folder + ".new";
  CommandResult made = run_command(
      {go_root(go) + "/bin/go", "install", "-buildmode=shared", "-pkgdir", unfinished, "std"},
      options);
  if (made.status != 0) return fail(ErrorKind::kIo, made.err);
  fs::rename(unfinished, folder);
  return folder;
}

INSTANTIATE_TEST_SUITE_P(Go, BuildModesTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(BuildModesTest, threads_of_c_that_wait_in_go_and_goroutines_that_wait_in_c) {
  compare(build("cgo_threads"));
}

TEST_P(BuildModesTest, c_without_optimisation) {
  compare(build("cgo_threads", {"-gcflags=all=-N -l"}));
}

TEST_P(BuildModesTest, c_and_position_independent) {
  compare(build("cgo_threads", {"-buildmode=pie"}));
}

// The shadow memory of a sanitizer would make a core of terabytes.
TEST_P(BuildModesTest, with_the_race_detector) {
  compare(build("cgo_threads", {"-race"}), {}, false);
}

TEST_P(BuildModesTest, with_the_address_sanitizer) {
  if (GetParam() != go_versions().back()) GTEST_SKIP() << "building takes minutes: newest only";
  if (minor_of(GetParam()) < 18) GTEST_SKIP() << "-asan came with Go 1.18";
  compare(build("cgo_threads", {"-asan"}), {}, false);
}

TEST_P(BuildModesTest, a_plugin_is_a_module_with_types_variables_and_goroutines) {
  std::string plugin = build("plugin_part", {"-buildmode=plugin"});
  snapshot::Snapshot seen = compare(build("plugin_host"), {plugin});
  if (!no_debug_information().empty()) return;
  EXPECT_EQ(objects_of_type(seen, "main.plate"), 605u);
  EXPECT_TRUE(global_names(seen).contains("main.entries"));
  // Go calls the package by the folder that it was built in, which may be another checkout's.
  std::set<std::string> names = global_names(seen);
  EXPECT_TRUE(std::any_of(names.begin(), names.end(), [](const std::string& name) {
    return name.ends_with("/tests/targets/plugin_part.shapes");
  }));
}

TEST_P(BuildModesTest, a_library_in_a_program_of_c) {
  std::string library = build("c_shared", {"-buildmode=c-shared"});
  snapshot::Snapshot seen = compare(build_host({}), {library});
  EXPECT_EQ(seen.program.executable, folder_.file("host"));
  if (!no_debug_information().empty()) return;
  EXPECT_EQ(objects_of_type(seen, "main.item"), 405u);
  EXPECT_TRUE(global_names(seen).contains("main.index"));
}

TEST_P(BuildModesTest, of_two_runtimes_in_a_process_the_one_that_is_named_is_read) {
  std::string library = build("c_shared", {"-buildmode=c-shared"});
  std::string other = folder_.file("other.so");
  fs::copy_file(build("c_shared", {"-buildmode=c-shared", "-gcflags=all=-l"}), other);
  TargetProcess::Options options;
  options.environment = {"LD_PRELOAD=" + other};
  Result<TargetProcess> target = TargetProcess::start(
      build_host({}), {library, folder_.file("dump"), folder_.file("stacks")}, options);
  ASSERT_TRUE(target) << target.error().message;
  std::string pid = std::to_string(target->pid());
  EXPECT_EQ(wrong_with_refusal(run_seep({"heap", pid}), "2 Go runtimes"), "");
  CommandResult named = run_seep({"heap", pid, "--by", "root", "--exe", library});
  EXPECT_EQ(named.status, 0) << named.err;
  EXPECT_NE(named.out.find("1 other Go runtimes"), std::string::npos) << named.out;
  EXPECT_NE(named.out.find("oracle.stacks"), std::string::npos) << named.out;
  CommandResult stripped = run_command({"strip", "-o", folder_.file("stripped.so"), other});
  ASSERT_EQ(stripped.status, 0) << stripped.err;
  EXPECT_EQ(run_seep({"heap", pid, "--exe", folder_.file("stripped.so")}).status, 0);
}

TEST_P(BuildModesTest, an_archive_in_a_program_of_c) {
  std::string archive = build("c_shared", {"-buildmode=c-archive"});
  for (const char* kind : {"-pie", "-no-pie"}) {
    SCOPED_TRACE(kind);
    snapshot::Snapshot seen = compare(build_host({kind, "-DLINKED", archive}), {"none"});
    if (!no_debug_information().empty()) continue;
    EXPECT_EQ(objects_of_type(seen, "main.item"), 405u);
    EXPECT_TRUE(global_names(seen).contains("main.index"));
  }
}

TEST_P(BuildModesTest, with_the_standard_library_as_a_shared_library) {
  if (GetParam() != go_versions().back()) GTEST_SKIP() << "building takes minutes: newest only";
  if (!is_plain_build()) GTEST_SKIP() << "the library is built once, for plain programs";
  Result<std::string> library = shared_library(GetParam());
  ASSERT_TRUE(library) << library.error().message;
  compare(build("cgo_threads", {"-linkshared", "-pkgdir", *library}));
}

/// A program without sections that carries the mark of UPX, as what UPX writes does.
void write_packed_program(const std::string& path) {
  std::ofstream(path + ".c") << "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";
  CommandResult built = run_command({"gcc", "-static", "-o", path, path + ".c"});
  ASSERT_EQ(built.status, 0) << built.err;
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  Elf64_Ehdr header{};
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  header.e_shoff = 0;
  header.e_shnum = header.e_shstrndx = 0;
  file.seekp(0);
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  file.seekp(0, std::ios::end);
  file << "UPX!" << std::string(32, '\0');
}

TargetProcess::Options without_waiting() {
  TargetProcess::Options options;
  options.wait_until_ready = false;
  return options;
}

/// A process that execs has the program of its parent for a moment.
void wait_until_running(pid_t pid, const std::string& path) {
  std::string link = "/proc/" + std::to_string(pid) + "/exe";
  for (int i = 0; i < 2000 && fs::read_symlink(link) != path; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ASSERT_EQ(fs::read_symlink(link), path);
}

std::string wrong_with_refusal_of(const std::string& program, const std::string& word) {
  Result<TargetProcess> target = TargetProcess::start(program, {}, without_waiting());
  if (!target) return target.error().message;
  wait_until_running(target->pid(), program);
  return wrong_with_refusal(run_seep({"heap", std::to_string(target->pid())}), word);
}

TEST(OtherProgramsTest, what_upx_packed_is_refused) {
  if (!has_c_compiler()) GTEST_SKIP() << "there is no gcc";
  TemporaryFolder folder;
  write_packed_program(folder.file("server"));
  EXPECT_EQ(wrong_with_refusal_of(folder.file("server"), "packed by UPX"), "");
}

TEST(OtherProgramsTest, what_upx_itself_packed_is_refused) {
  if (run_command({"upx", "--version"}).status != 0) GTEST_SKIP() << "there is no upx";
  std::string go = go_versions().back();
  if (!has_go(go)) GTEST_SKIP() << no_go(go);
  Result<std::string> program = build_target("block", go);
  ASSERT_TRUE(program) << program.error().message;
  TemporaryFolder folder;
  ASSERT_EQ(run_command({"upx", "-1", "-o", folder.file("server"), *program}).status, 0);
  EXPECT_EQ(wrong_with_refusal_of(folder.file("server"), "packed by UPX"), "");
}

TEST(OtherProgramsTest, programs_of_gccgo_are_refused) {
  if (run_command({"gccgo-12", "--version"}).status != 0) GTEST_SKIP() << "there is no gccgo-12";
  TemporaryFolder folder;
  std::ofstream(folder.file("main.go")) << "package main\nfunc main() { select {} }\n";
  ASSERT_EQ(run_command({"gccgo-12", "-o", folder.file("server"), folder.file("main.go")}).status,
            0);
  EXPECT_EQ(wrong_with_refusal_of(folder.file("server"), "gccgo"), "");
}

TEST(OtherProgramsTest, programs_of_tinygo_are_refused) {
  if (!has_c_compiler()) GTEST_SKIP() << "there is no gcc";
  TemporaryFolder folder;
  // TinyGo itself is not to be had here; this is what its programs are told by.
  std::ofstream(folder.file("main.c")) << "#include <unistd.h>\n"
                                          "void tinygo_scanCurrentStack(void) { pause(); }\n"
                                          "int main(void) { tinygo_scanCurrentStack(); }\n";
  ASSERT_EQ(run_command({"gcc", "-o", folder.file("server"), folder.file("main.c")}).status, 0);
  EXPECT_EQ(wrong_with_refusal_of(folder.file("server"), "TinyGo"), "");
}

TEST(OtherProgramsTest, programs_of_32_bits_are_refused) {
  std::string go = go_versions().back();
  if (!has_go(go)) GTEST_SKIP() << no_go(go);
  Result<std::string> program = build_target("block", go, {{}, {"GOARCH=386"}});
  if (!program) GTEST_SKIP() << program.error().message;
  EXPECT_EQ(wrong_with_refusal_of(*program, "32-bit"), "");
}

}  // namespace
}  // namespace seep::test
