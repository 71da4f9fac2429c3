// What a call says and how it ends, without any target.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/hints.h"
#include "cli/output.h"
#include "cli/run.h"
#include "cli/target.h"

namespace seep::cli {
namespace {

CallResult run(std::vector<std::string> words) { return call(words, Terminal{}); }

void expect_one_line(const std::string& text) {
  ASSERT_FALSE(text.empty());
  EXPECT_EQ(text.find('\n'), text.size() - 1) << text;
  EXPECT_TRUE(text.starts_with("seep: ")) << text;
}

void expect_not_answered(const std::vector<std::string>& words, const std::string& part) {
  CallResult result = run(words);
  EXPECT_EQ(result.status, ExitStatus::kNotAnswered);
  EXPECT_EQ(result.out, "");
  expect_one_line(result.err);
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
}

const Command& command_named(const std::string& name) {
  for (const Command& command : all_commands())
    if (command.name == name) return command;
  std::abort();
}

class TemporaryFile {
 public:
  TemporaryFile(const std::string& name, const std::string& bytes)
      : path_(std::filesystem::temp_directory_path() /
              (std::to_string(getpid()) + "-seep-test-" + name)) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

TEST(Cli, version_and_help_are_answers) {
  EXPECT_EQ(run({"--version"}).status, ExitStatus::kNothingFound);
  EXPECT_TRUE(run({"--version"}).out.starts_with("seep "));
  EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
  for (const Command& command : all_commands()) {
    EXPECT_NE(run({"help"}).out.find(command.name), std::string::npos);
    std::string text = run({command.name, "--help"}).out;
    EXPECT_EQ(text, run({"help", command.name}).out);
    for (const Flag& flag : command.flags) EXPECT_NE(text.find(flag.name), std::string::npos);
  }
}

TEST(Cli, bad_usage_is_one_line_and_status_two) {
  expect_not_answered({}, "no command");
  expect_not_answered({"frobnicate"}, "frobnicate");
  expect_not_answered({"heap"}, "TARGET is missing");
  expect_not_answered({"heap", "1", "2"}, "2");
  expect_not_answered({"heap", "1", "--frob"}, "--frob");
  expect_not_answered({"heap", "1", "--top", "none"}, "--top");
  expect_not_answered({"heap", "1", "--top", "0"}, "--top");
  expect_not_answered({"heap", "1", "--by", "colour"}, "--by");
  expect_not_answered({"heap", "1", "--garbage", "--by", "root"}, "garbage");
  expect_not_answered({"snapshot", "1"}, "--output FILE is missing");
  expect_not_answered({"diagnose", "1", "--for", "soon"}, "--for");
  expect_not_answered({"completion", "tcsh"}, "tcsh");
  expect_not_answered({"heap", "1", "--top"}, "--top needs a value: --top N");
  expect_not_answered({"heap", "1", "--by"}, "--by needs a value: --by WAY");
  expect_not_answered({"heap", "1", "--by", "Type"}, "one of type, holder, site, root, not");
  expect_not_answered({"heap", "1", "--json=no"}, "--json takes no value");
  expect_not_answered({"heap", "1", "2", "3"}, "\"2\" was not expected");
  expect_not_answered({"goroutines", "1", "--top", "3"}, "\"--top\" was not expected");
  expect_not_answered({"ps", "1"}, "\"1\" was not expected");
}

TEST(Cli, the_last_of_equal_flags_counts) {
  Result<Arguments> arguments =
      parse_arguments(command_named("heap"), {"1", "--json", "--top", "3", "--json", "--top", "4"});
  ASSERT_TRUE(arguments) << arguments.error().message;
  EXPECT_EQ(arguments->count("--top", 20).value(), 4u);
}

TEST(Cli, a_snapshot_that_cannot_be_written_stops_nobody) {
  std::string self = std::to_string(getpid());
  expect_not_answered({"snapshot", self, "-o", ""}, "-o FILE");
  expect_not_answered({"snapshot", self, "-o", "/tmp"}, "cannot be written");
  expect_not_answered({"snapshot", self, "-o", "/no/such/folder/x.seep"}, "no folder /no/such");
}

TEST(Cli, targets_that_cannot_be_read_are_one_line_and_status_two) {
  expect_not_answered({"heap", "/no/such/file.seep"}, "/no/such/file.seep");
  expect_not_answered({"heap", "/tmp"}, "folder");
  expect_not_answered({"heap", "http://127.0.0.1/debug/pprof/heap"}, "not supported yet");
  expect_not_answered({"heap", "name:no-such-program-anywhere"}, "no-such-program-anywhere");
  expect_not_answered({"heap", "name:"}, "program name");
  for (const char* pid : {"4294967299999", "0", "-1", "+1"})
    expect_not_answered({"heap", pid}, "is not a process id");
  expect_not_answered({"heap", "/dev/zero"}, "no regular file");
  expect_not_answered({"heap", std::string(100'000, 'x')}, "xxx…");
  TemporaryFile core("core", std::string("\x7f"
                                         "ELF\2\1\1\0\0\0\0\0\0\0\0\0\4\0\x3e\0",
                                         20));
  expect_not_answered({"heap", core.path()}, "core file");
  TemporaryFile profile("profile.pb.gz", "\x1f\x8b\x08 and so on");
  expect_not_answered({"heap", profile.path()}, "not supported yet");
  TemporaryFile broken("broken.seep", "no snapshot at all");
  expect_not_answered({"heap", broken.path()}, "seep: ");
  expect_not_answered({"heap", "/bin/true"}, "program, not a process");
}

TEST(Cli, targets_are_told_apart) {
  EXPECT_EQ(parse_target("4242").value(), Target(LiveTarget{4242}));
  TemporaryFile file("some.seep", "anything");
  EXPECT_EQ(parse_target(file.path()).value(), Target(SnapshotFileTarget{file.path()}));
}

TEST(Cli, flags_and_operands_may_stand_in_any_order) {
  Result<Arguments> arguments =
      parse_arguments(command_named("heap"), {"--top", "5", "4242", "--json", "--by=type"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->positional(), std::vector<std::string>{"4242"});
  EXPECT_EQ(arguments->count("--top", 20).value(), 5u);
  EXPECT_TRUE(arguments->has("--json"));
  EXPECT_FALSE(arguments->has("--tree"));
  EXPECT_EQ(arguments->value("--by"), "type");
  EXPECT_TRUE(parse_arguments(command_named("snapshot"), {"1", "-o", "x.seep"}));
  Result<Arguments> after_mark = parse_arguments(command_named("heap"), {"--json", "--", "--x"});
  ASSERT_TRUE(after_mark) << after_mark.error().message;
  EXPECT_EQ(after_mark->positional(), std::vector<std::string>{"--x"});
}

TEST(Cli, durations_read_as_in_go) {
  auto seconds = [](const std::string& text) {
    return Arguments({}, {{"--for", text}}).duration("--for", 30);
  };
  EXPECT_DOUBLE_EQ(seconds("0").value(), 0);
  EXPECT_DOUBLE_EQ(seconds("30s").value(), 30);
  EXPECT_DOUBLE_EQ(seconds("1h30m").value(), 5400);
  EXPECT_DOUBLE_EQ(seconds("250ms").value(), 0.25);
  EXPECT_DOUBLE_EQ(Arguments().duration("--for", 30).value(), 30);
  EXPECT_DOUBLE_EQ(seconds("1d12h").value(), 129600);
  for (const char* text : {"", "5", "s", "5x", "-1s", "1h 3m"}) EXPECT_FALSE(seconds(text)) << text;
}

TEST(Cli, every_kind_of_error_has_advice_in_one_line) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kCancelled); ++kind) {
    std::string line = error_line({static_cast<ErrorKind>(kind), "it\nfailed"});
    expect_one_line(line);
    EXPECT_NE(line.find("; "), std::string::npos);
  }
  EXPECT_EQ(error_line({ErrorKind::kIo, "a \033[31m\tname; b"}), "seep: a  [31m name; b\n");
  EXPECT_EQ(error_line({ErrorKind::kIo, "it failed; try this"}), "seep: it failed; try this\n");
}

TEST(Cli, completion_names_every_command_and_flag) {
  for (const char* shell : {"bash", "zsh", "fish"}) {
    std::string script = run({"completion", shell}).out;
    for (const Command& command : all_commands()) {
      EXPECT_NE(script.find(command.name), std::string::npos);
      for (const Flag& flag : command.flags)
        EXPECT_NE(script.find(flag.name.substr(2)), std::string::npos) << shell << flag.name;
    }
  }
}

TEST(Cli, bash_takes_its_completion) {
  TemporaryFile script("completion.bash", run({"completion", "bash"}).out);
  std::string check = "bash -n " + script.path();
  EXPECT_EQ(std::system(check.c_str()), 0);
}

TEST(Cli, a_full_disk_is_an_error) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  Result<void> written = write_all(fileno(full), "text");
  std::fclose(full);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().kind, ErrorKind::kIo);
}

}  // namespace
}  // namespace seep::cli
