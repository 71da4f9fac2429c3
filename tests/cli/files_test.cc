// Files that seep reads and writes: damaged, missing, and on a disk that is full.
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "support/seep_command.h"
#include "support/target_process.h"

namespace seep::test {
namespace {

namespace fs = std::filesystem;

std::string newest_go() { return go_versions().back(); }

class FilesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!has_go(newest_go())) GTEST_SKIP() << no_go(newest_go());
    Result<std::string> program = build_target("hung_goroutines", newest_go());
    ASSERT_TRUE(program) << program.error().message;
    target_ = TargetProcess::start(*program, {"send", "leaky"});
    ASSERT_TRUE(target_) << target_.error().message;
    pid_ = std::to_string(target_->pid());
  }

  std::string saved_snapshot() {
    std::string file = folder_.file("whole.seep");
    CommandResult saved = run_seep({"snapshot", pid_, "-o", file});
    EXPECT_EQ(saved.status, 0) << saved.err;
    return file;
  }

  TemporaryFolder folder_;
  Result<TargetProcess> target_ = fail(ErrorKind::kNotFound, "not started");
  std::string pid_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

void write_file(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST_F(FilesTest, snapshot_says_the_same_as_the_process) {
  std::string file = saved_snapshot();
  CommandResult saved = run_seep({"goroutines", file});
  CommandResult live = run_seep({"goroutines", pid_});
  EXPECT_EQ(saved.status, live.status);
  for (const CommandResult* result : {&saved, &live}) {
    EXPECT_NE(result->out.find("main.sendResult"), std::string::npos) << result->out;
  }
  for (const char* command : {"heap", "diagnose"}) {
    EXPECT_NE(run_seep({command, file}).status, 2) << command;
  }
}

TEST_F(FilesTest, truncated_snapshot_is_refused) {
  std::string whole = read_file(saved_snapshot());
  ASSERT_GT(whole.size(), 1000u);
  std::string part = folder_.file("part.seep");
  for (std::size_t length :
       {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{8}, std::size_t{40},
        whole.size() / 4, whole.size() / 2, whole.size() - 9, whole.size() - 1}) {
    write_file(part, whole.substr(0, length));
    EXPECT_EQ(wrong_with_refusal(run_seep({"heap", part}), "part.seep"), "") << length << " bytes";
  }
}

TEST_F(FilesTest, damaged_snapshot_is_refused) {
  std::string whole = read_file(saved_snapshot());
  std::string damaged = folder_.file("damaged.seep");
  for (std::size_t i = 0; i < 40; ++i) {
    std::string bytes = whole;
    std::size_t at = i < 16 ? i : i * (whole.size() - 1) / 39;
    bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    write_file(damaged, bytes);
    EXPECT_EQ(wrong_with_refusal(run_seep({"heap", damaged}), "damaged.seep"), "") << "byte " << at;
  }
}

TEST_F(FilesTest, what_is_no_snapshot_is_refused) {
  std::string empty = folder_.file("empty");
  write_file(empty, "");
  std::string text = folder_.file("text");
  write_file(text, "a line of text\n");
  std::vector<std::string> targets = {empty, text, folder_.path(), folder_.file("missing.seep"),
                                      "/dev/null"};
  for (const std::string& target : targets) {
    EXPECT_EQ(wrong_with_refusal(run_seep({"heap", target}), target), "");
  }
}

TEST_F(FilesTest, full_disk_leaves_no_file) {
  std::string disk = folder_.file("disk");
  fs::create_directory(disk);
  if (mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=8k") != 0) {
    GTEST_SKIP() << "no file system can be mounted here";
  }
  CommandResult result = run_seep({"snapshot", pid_, "-o", disk + "/a.seep"});
  bool empty = fs::is_empty(disk);
  umount(disk.c_str());
  EXPECT_EQ(wrong_with_refusal(result, "a.seep"), "");
  EXPECT_TRUE(empty) << "a part of a snapshot was left behind";
  EXPECT_EQ(harm_done_to(target_->pid()), "");
}

TEST_F(FilesTest, output_that_cannot_be_written_is_an_error) {
  CommandOptions full;
  full.output_file = "/dev/full";
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"heap", pid_}, {"heap", pid_, "--json"}, {"goroutines", pid_}, {"ps"}}) {
    EXPECT_EQ(wrong_with_refusal(run_seep(command, full), ""), "") << command[0];
  }
  EXPECT_EQ(wrong_with_refusal(run_seep({"snapshot", pid_, "-o", "/no/such/folder/a.seep"}),
                               "/no/such/folder"),
            "");
  EXPECT_EQ(harm_done_to(target_->pid()), "");
}

TEST_F(FilesTest, existing_snapshot_survives_a_failed_run) {
  std::string file = saved_snapshot();
  std::string before = read_file(file);
  EXPECT_EQ(run_seep({"snapshot", "999999999", "-o", file}).status, 2);
  EXPECT_EQ(read_file(file), before);
}

}  // namespace
}  // namespace seep::test
