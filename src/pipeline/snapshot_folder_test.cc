#include "pipeline/snapshot_folder.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>

#include "support/seep_command.h"

namespace seep::pipeline {
namespace {

namespace fs = std::filesystem;

class SnapshotFolderTest : public testing::Test {
 protected:
  /// 100 bytes, written so many seconds after the others.
  void write(const std::string& path, int seconds) {
    std::ofstream(path) << std::string(100, 'x');
    fs::last_write_time(path, begin_ + std::chrono::seconds(seconds));
  }

  void write_all_three(const std::string& snapshot, int seconds) {
    write(snapshot, seconds);
    write(heap_profile_path(snapshot), seconds);
    write(goroutine_profile_path(snapshot), seconds + 1);
  }

  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const fs::directory_entry& entry : fs::directory_iterator(place_.path()))
      found.insert(entry.path().filename());
    return found;
  }

  SnapshotFolder open(std::uint64_t most_bytes) {
    Result<SnapshotFolder> folder = SnapshotFolder::open(place_.path(), most_bytes);
    EXPECT_TRUE(folder);
    return std::move(folder).value();
  }

  test::TemporaryFolder place_;
  fs::file_time_type begin_ = fs::file_time_type::clock::now() - std::chrono::hours(1);
};

TEST_F(SnapshotFolderTest, profiles_have_the_name_of_their_snapshot) {
  std::string path = open(1).path_for("my server", 42, 1'796'000'000'123'000'000, false);
  std::string stem = place_.path() + "/watch-my_server-42-20261130T005320.123Z";
  EXPECT_EQ(path, stem + ".seep");
  EXPECT_EQ(heap_profile_path(path), stem + ".heap.pb.gz");
  EXPECT_EQ(goroutine_profile_path(path), stem + ".goroutine.pb.gz");
}

TEST_F(SnapshotFolderTest, names_of_programs_do_no_harm) {
  std::string path = open(1).path_for("../../etc/x y\n", 7, 1'796'000'000'123'000'000, false);
  EXPECT_EQ(path, place_.path() + "/watch-.._.._etc_x_y_-7-20261130T005320.123Z.seep");
  EXPECT_FALSE(SnapshotFolder::open("/dev/null/x", 1));
  EXPECT_FALSE(SnapshotFolder::open("/dev/null", 1));
}

TEST_F(SnapshotFolderTest, the_oldest_of_its_own_files_go_first) {
  write(place_.file("mine.seep"), 0);
  write(place_.file("watch-notes.txt"), 0);
  for (int i = 0; i < 5; ++i) write(place_.file("watch-x-" + std::to_string(i) + ".seep"), 10 + i);
  open(250).keep_bound();
  EXPECT_EQ(names(), (std::set<std::string>{"mine.seep", "watch-notes.txt", "watch-x-3.seep",
                                            "watch-x-4.seep"}));
  // The newest stays, however large it is.
  open(10).keep_bound();
  EXPECT_EQ(names(), (std::set<std::string>{"mine.seep", "watch-notes.txt", "watch-x-4.seep"}));
}

TEST_F(SnapshotFolderTest, profiles_are_counted_and_go_with_their_snapshot) {
  write_all_three(place_.file("watch-a-1-T1.seep"), 0);
  write_all_three(place_.file("watch-a-1-T2.seep"), 10);
  write_all_three(place_.file("watch-a-1-T3.seep"), 20);
  open(900).keep_bound();
  EXPECT_EQ(names().size(), 9u);
  open(899).keep_bound();
  EXPECT_EQ(names(),
            (std::set<std::string>{"watch-a-1-T2.seep", "watch-a-1-T2.heap.pb.gz",
                                   "watch-a-1-T2.goroutine.pb.gz", "watch-a-1-T3.seep",
                                   "watch-a-1-T3.heap.pb.gz", "watch-a-1-T3.goroutine.pb.gz"}));
}

TEST_F(SnapshotFolderTest, the_newest_stays_whole_and_so_does_what_is_not_the_watchs) {
  write_all_three(place_.file("watch-a-1-T1.seep"), 0);
  write(place_.file("watch-a-1-T0.heap.pb.gz"), -10);  // its snapshot was removed by somebody
  write_all_three(place_.file("asked-1-T1.seep"), -20);
  write(place_.file("watch-notes.txt"), -20);
  open(1).keep_bound();
  EXPECT_EQ(names(), (std::set<std::string>{"watch-a-1-T1.seep", "watch-a-1-T1.heap.pb.gz",
                                            "watch-a-1-T1.goroutine.pb.gz", "asked-1-T1.seep",
                                            "asked-1-T1.heap.pb.gz", "asked-1-T1.goroutine.pb.gz",
                                            "watch-notes.txt"}));
}

}  // namespace
}  // namespace seep::pipeline
