#include "elf/elf_file.h"

#include <elf.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "elf/build_info.h"
#include "elf/symbol_name.h"
#include "elf/symbol_table.h"
#include "support/build_flavour.h"
#include "support/command.h"
#include "support/target_process.h"

namespace seep::elf {
namespace {

using test::build_target;
using test::go_versions;

std::string file_text(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

/// A file that goes away with its test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              ("seep-elf-test-" + std::to_string(::getpid()))) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// All that this room can do with a file; what comes out does not matter, only that it comes.
void read_everything(const std::string& path) {
  Result<ElfFile> file = ElfFile::open(path);
  if (!file) return;
  (void)read_build_info(*file);
  (void)read_build_id(*file);
  SymbolTable symbols = SymbolTable::read(*file);
  (void)symbols.find("runtime.mheap_");
  (void)symbols.object_at(Address(0x500000));
  for (const Section& section : file->sections()) (void)file->contents(section);
  (void)file->loaded_bytes(Address(~std::uint64_t{0} - 8), 64);
}

class ElfFileTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!test::has_go(GetParam())) GTEST_SKIP() << test::no_go(GetParam());
    std::string reason = test::no_debug_information();
    if (!reason.empty()) GTEST_SKIP() << reason;
    Result<std::string> program = build_target("debug_names", GetParam());
    ASSERT_TRUE(program) << program.error().message;
    program_ = *program;
  }

  std::string program_;
};

INSTANTIATE_TEST_SUITE_P(Go, ElfFileTest, testing::ValuesIn(go_versions()), test::VersionName());

TEST_P(ElfFileTest, tells_release_and_main_package_of_a_go_program) {
  std::string reason = test::too_old("debug_names/build_info", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  Result<ElfFile> file = ElfFile::open(program_);
  ASSERT_TRUE(file) << file.error().message;
  Result<BuildInfo> info = read_build_info(*file);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->go_version, "go" + GetParam());
  EXPECT_NE(info->main_package.find("debug_names"), std::string::npos) << info->main_package;
  EXPECT_EQ(info->settings["GOARCH"], "amd64");
  EXPECT_GE(read_build_id(*file).size(), 40u);  // Go's own is longer than that of GNU
  EXPECT_TRUE(file->has_debug_info());
}

TEST_P(ElfFileTest, finds_build_information_without_section_headers) {
  std::string reason = test::too_old("debug_names/build_info", GetParam());
  if (!reason.empty()) GTEST_SKIP() << reason;
  std::string bytes = file_text(program_);
  reinterpret_cast<Elf64_Ehdr*>(bytes.data())->e_shoff = 0;
  TemporaryFile copy(bytes);
  Result<ElfFile> file = ElfFile::open(copy.path());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_TRUE(file->sections().empty());
  Result<BuildInfo> info = read_build_info(*file);
  ASSERT_TRUE(info) << info.error().message;
  EXPECT_EQ(info->go_version, "go" + GetParam());
}

TEST_P(ElfFileTest, has_the_symbols_that_go_tool_nm_lists) {
  test::CommandOptions options;
  std::string root = test::go_root(GetParam());
  options.environment = {"GOENV=off", "GOTOOLCHAIN=local", "GOROOT=" + root, "GOFLAGS="};
  test::CommandResult nm = test::run_command({root + "/bin/go", "tool", "nm", program_}, options);
  ASSERT_EQ(nm.status, 0) << nm.err;
  Result<ElfFile> file = ElfFile::open(program_);
  ASSERT_TRUE(file) << file.error().message;
  SymbolTable symbols = SymbolTable::read(*file);
  std::istringstream lines(nm.out);
  int compared = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::uint64_t address = 0;
    std::string kind, name;
    if (!(words >> std::hex >> address >> kind >> name)) continue;
    if (!name.starts_with("main.") && !name.starts_with("runtime.")) continue;
    const Symbol* symbol = symbols.find(name);
    if (symbol == nullptr) continue;  // nm lists symbols without a type too
    EXPECT_EQ(symbol->address.value(), address) << name;
    if (symbol->kind == SymbolKind::kObject && symbol->bytes > 1) {
      const Symbol* around = symbols.object_at(symbol->address + (symbol->bytes - 1));
      ASSERT_NE(around, nullptr) << name;
      EXPECT_EQ(around->address, symbol->address) << name;
    }
    ++compared;
  }
  EXPECT_GT(compared, 1000);
  EXPECT_EQ(symbols.damaged(), 0u);
  EXPECT_EQ(symbols.find("main.no_such_variable"), nullptr);
}

TEST_P(ElfFileTest, survives_a_file_that_ends_anywhere) {
  std::string bytes = file_text(program_);
  TemporaryFile copy(bytes);
  // Past what is loaded there is only debug information, which may be missing.
  std::size_t loaded_end = 0;
  Result<ElfFile> whole = ElfFile::open(program_);
  ASSERT_TRUE(whole) << whole.error().message;
  for (const Segment& segment : whole->segments()) {
    loaded_end = std::max<std::size_t>(loaded_end, segment.file_offset + segment.file_bytes);
  }
  std::vector<std::size_t> lengths = {1, 3, 4, 5, 16, 63, 64, 65, 119, 120, 400, 1000, 4096};
  for (std::size_t i = 1; i < 16; ++i) lengths.push_back(bytes.size() * i / 16);
  std::sort(lengths.rbegin(), lengths.rend());
  for (std::size_t length : lengths) {
    ASSERT_EQ(::truncate(copy.path().c_str(), static_cast<off_t>(length)), 0);
    Result<ElfFile> file = ElfFile::open(copy.path());
    if (length < loaded_end) {
      ASSERT_FALSE(file) << length;
      EXPECT_EQ(file.error().kind, length < 4 ? ErrorKind::kUnsupported : ErrorKind::kTruncated)
          << length;
    }
    read_everything(copy.path());
  }
}

TEST_P(ElfFileTest, survives_damaged_headers) {
  std::string bytes = file_text(program_);
  const Elf64_Ehdr header = *reinterpret_cast<const Elf64_Ehdr*>(bytes.data());
  const std::size_t first_bytes = sizeof header + header.e_phnum * sizeof(Elf64_Phdr);
  const std::size_t table_bytes = header.e_shnum * sizeof(Elf64_Shdr);
  std::mt19937 random(20261123);
  for (int round = 0; round < 150; ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 6; ++i) {
      bool in_table = random() % 2 == 0;
      std::size_t at = in_table ? header.e_shoff + random() % table_bytes
                                : EI_CLASS + 3 + random() % (first_bytes - EI_CLASS - 3);
      damaged[at] = static_cast<char>(random());
    }
    TemporaryFile copy(damaged);
    SCOPED_TRACE("round " + std::to_string(round));
    read_everything(copy.path());
  }
}

TEST_P(ElfFileTest, refuses_other_processors_with_a_sentence) {
  std::string bytes = file_text(program_);
  bytes[EI_CLASS] = ELFCLASS32;
  {
    TemporaryFile copy(bytes);
    Result<ElfFile> file = ElfFile::open(copy.path());
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().kind, ErrorKind::kUnsupported);
    EXPECT_NE(file.error().message.find("32-bit"), std::string::npos) << file.error().message;
  }
  bytes[EI_CLASS] = ELFCLASS64;
  reinterpret_cast<Elf64_Ehdr*>(bytes.data())->e_machine = EM_AARCH64;
  TemporaryFile copy(bytes);
  Result<ElfFile> file = ElfFile::open(copy.path());
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().kind, ErrorKind::kUnsupported);
}

TEST(ElfFile, says_that_a_c_program_is_not_go) {
  Result<ElfFile> file = ElfFile::open("/proc/self/exe");
  ASSERT_TRUE(file) << file.error().message;
  Result<BuildInfo> info = read_build_info(*file);
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().kind, ErrorKind::kUnsupported);
  EXPECT_NE(info.error().message.find("is not a Go program"), std::string::npos);
}

TEST(ElfFile, refuses_what_is_no_executable) {
  TemporaryFile text("#!/bin/sh\n");
  Result<ElfFile> script = ElfFile::open(text.path());
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().kind, ErrorKind::kUnsupported);
  Result<ElfFile> folder = ElfFile::open("/tmp");
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().kind, ErrorKind::kUnsupported);
  Result<ElfFile> nothing = ElfFile::open("/nonexistent/program");
  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().kind, ErrorKind::kNotFound);
  Result<ElfFile> kernel_thread = ElfFile::open("/proc/2/exe");
  EXPECT_FALSE(kernel_thread);
}

TEST(SymbolName, takes_escapes_back) {
  EXPECT_EQ(readable_name("gopkg.in/yaml%2ev3.Node"), "gopkg.in/yaml.v3.Node");
  EXPECT_EQ(readable_name("main.main"), "main.main");
  EXPECT_EQ(readable_name("struct { A int \"f:\\\"%2e\\\"\" }"),
            "struct { A int \"f:\\\"%2e\\\"\" }");
  EXPECT_EQ(readable_name("a%2"), "a%2");
  EXPECT_EQ(readable_name("a%zz%2e"), "a%zz.");
}

}  // namespace
}  // namespace seep::elf
