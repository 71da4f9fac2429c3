// Symbols and debug information that lie elsewhere: beside a stripped program, behind its debug
// link, in debuginfod's cache, in a file that --exe names. Whatever is of another build is not
// taken.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>

#include "support/build_flavour.h"
#include "support/command.h"
#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBuildId = "0123456789abcdef0123456789abcdef01234567";

class DebugFilesTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!has_go(GetParam())) GTEST_SKIP() << no_go(GetParam());
    if (!is_plain_build()) GTEST_SKIP() << "the program is to be stripped after it was built";
    whole_ = build({std::string("-ldflags=-B 0x") + kBuildId});
    run("strip", {"-o", stripped(), whole_});
  }

  std::string build(const std::vector<std::string>& flags) {
    Result<std::string> program = build_target("heap_shapes", GetParam(), {flags, {}});
    EXPECT_TRUE(program) << program.error().message;
    return program.value_or("");
  }

  void run(const std::string& tool, std::vector<std::string> words) {
    words.insert(words.begin(), tool);
    CommandResult result = run_command(words);
    ASSERT_EQ(result.status, 0) << tool << ": " << result.err;
  }

  /// `seep heap --json` of a running program.
  CommandResult heap_of(const std::string& program, std::vector<std::string> more = {},
                        std::vector<std::string> environment = {}) {
    Result<TargetProcess> target = TargetProcess::start(program, {"-scale", "1", "/dev/null"});
    EXPECT_TRUE(target) << target.error().message;
    if (!target) return {};
    std::vector<std::string> words = {
        "heap", std::to_string(target->pid()), "--by", "root", "--top", "1000", "--json"};
    words.insert(words.end(), more.begin(), more.end());
    CommandOptions options;
    // Nothing of the user's own cache is looked at.
    options.environment = {"HOME=" + folder_.path(), "XDG_CACHE_HOME=" + folder_.path()};
    options.environment.insert(options.environment.end(), environment.begin(), environment.end());
    return run_seep(words, options);
  }

  /// Why the report does not name variables with their types; empty if it does.
  static std::string wrong_with_names(const CommandResult& result) {
    if (result.status != 0) return "status " + std::to_string(result.status) + ": " + result.err;
    nlohmann::json report = nlohmann::json::parse(result.out);
    if (report["target"]["stripped"]) return "it was taken for stripped";
    for (const nlohmann::json& row : report["rows"]) {
      std::string name = row["name"];
      if (name.starts_with("main.nestedMap map[main.point]")) return "";
    }
    return "main.nestedMap is not named with its type";
  }

  std::string stripped() const { return folder_.file("server"); }

  TemporaryFolder folder_;
  std::string whole_;
};

INSTANTIATE_TEST_SUITE_P(Go, DebugFilesTest, testing::ValuesIn(go_versions()), VersionName());

TEST_P(DebugFilesTest, a_debug_link_is_followed) {
  run("objcopy", {"--only-keep-debug", whole_, folder_.file("symbols")});
  run("objcopy", {"--add-gnu-debuglink=" + folder_.file("symbols"), stripped()});
  EXPECT_EQ(wrong_with_names(heap_of(stripped())), "");
  fs::create_directory(folder_.file(".debug"));
  fs::rename(folder_.file("symbols"), folder_.file(".debug/symbols"));
  EXPECT_EQ(wrong_with_names(heap_of(stripped())), "");
}

TEST_P(DebugFilesTest, a_debug_link_without_build_ids_is_believed_for_its_checksum) {
  fs::copy_file(whole_, folder_.file("whole"));
  for (const char* section : {".note.go.buildid", ".note.gnu.build-id"}) {
    run("objcopy", {"--remove-section", section, folder_.file("whole")});
  }
  run("strip", {"-o", stripped(), folder_.file("whole")});
  run("objcopy", {"--only-keep-debug", folder_.file("whole"), folder_.file("symbols")});
  run("objcopy", {"--add-gnu-debuglink=" + folder_.file("symbols"), stripped()});
  EXPECT_EQ(wrong_with_names(heap_of(stripped())), "");
  std::ofstream(folder_.file("symbols"), std::ios::app) << "more";
  EXPECT_NE(wrong_with_names(heap_of(stripped())), "");
}

TEST_P(DebugFilesTest, a_file_beside_the_program_is_found_by_its_name) {
  run("objcopy", {"--only-keep-debug", whole_, folder_.file("server.debug")});
  EXPECT_EQ(wrong_with_names(heap_of(stripped())), "");
}

TEST_P(DebugFilesTest, the_cache_of_debuginfod_is_looked_through) {
  std::string place = folder_.file("debuginfod_client/") + kBuildId;
  fs::create_directories(place);
  fs::copy_file(whole_, place + "/debuginfo");
  EXPECT_EQ(wrong_with_names(heap_of(stripped())), "");
  fs::rename(folder_.file("debuginfod_client"), folder_.file("elsewhere"));
  EXPECT_NE(wrong_with_names(heap_of(stripped())), "");
  EXPECT_EQ(wrong_with_names(
                heap_of(stripped(), {}, {"DEBUGINFOD_CACHE_PATH=" + folder_.file("elsewhere")})),
            "");
}

TEST_P(DebugFilesTest, the_file_that_was_stripped_can_be_named) {
  EXPECT_EQ(wrong_with_names(heap_of(stripped(), {"--exe", whole_})), "");
  run("objcopy", {"--only-keep-debug", whole_, folder_.file("symbols")});
  EXPECT_EQ(wrong_with_names(heap_of(stripped(), {"--exe", folder_.file("symbols")})), "");
  // A program that knows all itself does not mind.
  EXPECT_EQ(wrong_with_names(heap_of(whole_, {"--exe", whole_})), "");
}

TEST_P(DebugFilesTest, what_elfutils_cut_off_is_read) {
  if (run_command({"eu-strip", "--version"}).status != 0) GTEST_SKIP() << "there is no eu-strip";
  run("eu-strip", {"-f", folder_.file("symbols"), "-o", stripped(), whole_});
  EXPECT_EQ(wrong_with_names(heap_of(stripped(), {"--exe", folder_.file("symbols")})), "");
}

TEST_P(DebugFilesTest, packed_debug_information_is_unpacked) {
  for (const char* kind : {"none", "zlib", "zlib-gnu", "zstd"}) {
    SCOPED_TRACE(kind);
    CommandResult packed = run_command({"objcopy", std::string("--compress-debug-sections=") + kind,
                                        whole_, folder_.file("packed")});
    if (packed.status != 0) {
      std::printf("skipped: objcopy cannot pack by %s\n", kind);
      continue;
    }
    EXPECT_EQ(wrong_with_names(heap_of(folder_.file("packed"))), "");
  }
}

TEST_P(DebugFilesTest, files_of_another_build_are_refused_and_say_what_differs) {
  std::string other = build({"-gcflags=all=-N -l"});
  EXPECT_EQ(wrong_with_refusal(heap_of(stripped(), {"--exe", other}), "not of the same build"), "");
  EXPECT_EQ(wrong_with_refusal(heap_of(whole_, {"--exe", other}), "not of the same build"), "");
  // Linked again from the same sources: everything lies somewhat elsewhere.
  EXPECT_EQ(
      wrong_with_refusal(heap_of(build({"-ldflags=-s -w"}), {"--exe", whole_}), "the program's"),
      "");
  // Beside the program it is passed over.
  fs::copy_file(other, folder_.file("server.debug"));
  EXPECT_NE(wrong_with_names(heap_of(stripped())), "");
}

TEST_P(DebugFilesTest, files_that_are_no_help_are_refused) {
  auto refusal = [&](const std::string& file, const std::string& word) {
    return wrong_with_refusal(heap_of(stripped(), {"--exe", file}), word);
  };
  EXPECT_EQ(refusal(stripped(), "stripped as well"), "");
  EXPECT_EQ(refusal(folder_.file("nothing"), "No such file"), "");
  EXPECT_EQ(refusal(folder_.path(), "no plain file"), "");
  EXPECT_EQ(refusal("/dev/null", "no plain file"), "");
  EXPECT_EQ(refusal("/etc/passwd", "not an ELF"), "");
}

TEST_P(DebugFilesTest, a_damaged_file_is_passed_over) {
  fs::copy_file(whole_, folder_.file("server.debug"));
  fs::resize_file(folder_.file("server.debug"), fs::file_size(whole_) / 2);
  CommandResult result = heap_of(stripped());
  EXPECT_EQ(result.status, 0) << result.err;
}

}  // namespace
}  // namespace seep::test
