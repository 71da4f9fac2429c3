// Files that are no stores, are newer, are damaged; two watches; other users.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "monitor/store.h"
#include "support/store_folder.h"

namespace seep::monitor {
namespace {

namespace fs = std::filesystem;
using test::process;
using test::put_all;
using test::round_at;

using StoreFiles = test::StoreFolder;

void expect_refused(const Result<Store>& store, ErrorKind kind, const std::string& words) {
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, kind) << store.error().message;
  EXPECT_NE(store.error().message.find(words), std::string::npos) << store.error().message;
  EXPECT_EQ(store.error().message.find('\n'), std::string::npos);
}

TEST_F(StoreFiles, a_file_that_is_no_store_is_refused_and_left_alone) {
  std::string text =
      "not a store, but somebody's only copy of something that is longer than a page";
  std::ofstream(path_) << text;
  expect_refused(Store::open(path_), ErrorKind::kInvalidArgument, "not a store of seep watch");
  expect_refused(Store::open_to_read(path_), ErrorKind::kInvalidArgument,
                 "not a store of seep watch");
  std::ifstream file(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

TEST_F(StoreFiles, a_database_of_another_program_is_refused_and_left_alone) {
  test::run_sql(path_, "CREATE TABLE mails(id INTEGER PRIMARY KEY, text)");
  expect_refused(Store::open(path_), ErrorKind::kInvalidArgument, "not a store of seep watch");
  EXPECT_EQ(number("SELECT count(*) FROM sqlite_schema"), 1);
}

TEST_F(StoreFiles, pipes_and_folders_are_refused) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  expect_refused(Store::open(path_), ErrorKind::kInvalidArgument, "no regular file");
  expect_refused(Store::open_to_read(path_), ErrorKind::kInvalidArgument, "no regular file");
  expect_refused(Store::open(folder_), ErrorKind::kInvalidArgument, "no regular file");
}

TEST_F(StoreFiles, a_file_that_is_not_there_is_made_by_a_writer_only) {
  expect_refused(Store::open_to_read(path_), ErrorKind::kNotFound, "No such file");
  expect_refused(Store::open(folder_ / "none" / "x"), ErrorKind::kNotFound, "No such file");
  EXPECT_TRUE(Store::open(path_));
}

TEST_F(StoreFiles, a_store_of_a_later_version_is_refused) {
  {
    Store store = opened();
  }
  test::run_sql(path_, "PRAGMA user_version=2");
  expect_refused(Store::open(path_), ErrorKind::kUnsupported, "version 2, this seep reads 1 to 1");
  expect_refused(Store::open_to_read(path_), ErrorKind::kUnsupported, "version 2");
}

TEST_F(StoreFiles, tables_that_are_not_ours_are_refused) {
  {
    Store store = opened();
  }
  test::run_sql(path_,
                "DROP TABLE rounds; CREATE VIEW rounds AS WITH RECURSIVE endless(id, bytes) AS "
                "(SELECT 1, x'' UNION ALL SELECT id + 1, x'' FROM endless) SELECT * FROM endless");
  expect_refused(Store::open(path_), ErrorKind::kCorrupt, "tables that are not ours");
  expect_refused(Store::open_to_read(path_), ErrorKind::kCorrupt, "tables that are not ours");
}

TEST_F(StoreFiles, a_store_that_was_begun_and_not_finished_is_finished) {
  test::run_sql(path_, "PRAGMA page_size=8192; PRAGMA journal_mode=WAL");
  expect_refused(Store::open_to_read(path_), ErrorKind::kInvalidArgument,
                 "no watch has written it");
  Store store = opened();
  put_all(store, round_at(0, {process(1)}));
  EXPECT_EQ(series(store).size(), 1u);
}

TEST_F(StoreFiles, a_second_watch_is_refused_until_the_first_has_ended) {
  {
    Store store = opened();
    expect_refused(Store::open(path_), ErrorKind::kInvalidArgument,
                   "another watch writes this store");
    put_all(store, round_at(0, {process(1)}));
  }
  Store store = opened();
  put_all(store, round_at(1, {process(1)}));
}

TEST_F(StoreFiles, limits_that_contradict_each_other_are_refused) {
  StoreLimits limits;
  limits.ten_seconds_s = 10;
  expect_refused(Store::open(path_, limits), ErrorKind::kInvalidArgument, "thinner form");
  limits = {};
  limits.most_bytes = 1 << 20;
  expect_refused(Store::open(path_, limits), ErrorKind::kInvalidArgument, "4 MiB");
}

TEST_F(StoreFiles, damaged_chunks_and_rounds_are_left_out_and_counted) {
  {
    Store store = opened();
    for (int i = 0; i < 70; ++i) put_all(store, round_at(i, {process(1)}));
  }
  test::run_sql(path_,
                "UPDATE chunks SET bytes = substr(bytes, 1, 100);"
                "UPDATE rounds SET bytes = x'00' WHERE id = (SELECT max(id) FROM rounds)");
  Store store = reader();
  EXPECT_EQ(samples(store, series(store).at(0).id).size(), 9u);
  EXPECT_EQ(diagnostics_.counts().at("chunks of the store damaged"), 1u);
  EXPECT_GE(diagnostics_.counts().at("rounds of the store damaged"), 1u);
}

// A damaged file is read, written and read again: answers or one sentence, and no crash.
TEST_F(StoreFiles, a_damaged_file_gives_answers_or_one_sentence) {
  StoreLimits limits;
  limits.every_sample_s = limits.ten_seconds_s = 60;
  {
    Store store = opened(limits);
    for (int i = 0; i < 2000; i += 3) {
      Round round = round_at(i, {process(1), process(2), process(3)});
      if (i % 90 == 0)
        round.events.push_back({process(1), EventKind::kVerdict, test::time_of(i), 0, "leak", "x"});
      put_all(store, round);
    }
  }
  std::ifstream file(path_, std::ios::binary);
  const std::string whole(std::istreambuf_iterator<char>(file), {});
  std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bytes = whole;
    for (std::uint64_t j = 1 + random() % 30; j > 0; --j) {
      std::size_t page = random() % (bytes.size() / 8192) * 8192;
      // Heads of pages decide on what follows.
      std::size_t at = page + (random() % 2 == 0 ? random() % 64 : random() % 8192);
      bytes[at] = static_cast<char>(random());
    }
    if (random() % 8 == 0) bytes.resize(random() % bytes.size());
    fs::remove(path_);
    std::ofstream(path_, std::ios::binary) << bytes;
    auto try_all = [&](Result<Store> store) {
      if (!store) {
        ++refused;
        EXPECT_FALSE(store.error().message.empty());
        return;
      }
      Result<std::vector<StoredSeries>> all = store->series(diagnostics_);
      if (!all) ++refused;
      for (std::uint32_t id = 1; id <= 3; ++id) {
        static_cast<void>(store->samples(StoredSeriesId{id}, {}, diagnostics_));
        static_cast<void>(store->values(StoredSeriesId{id}, Figure::kRss, {}, diagnostics_));
        static_cast<void>(store->events(StoredSeriesId{id}, {}));
      }
      for (int r = 2000; r < 2130; ++r)
        static_cast<void>(store->put(round_at(r, {process(1), process(2)})));
    };
    try_all(Store::open_to_read(path_));
    try_all(Store::open(path_, limits));
    for (const char* beside : {"-wal", "-shm"}) fs::remove(path_ + beside);
  }
  EXPECT_GT(refused, 0);
}

TEST_F(StoreFiles, whoever_may_only_read_reads_while_a_watch_writes_and_after_it) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become another user";
  auto samples_for_nobody = [this] {
    pid_t child = fork();
    if (child == 0) {
      if (setgid(65534) != 0 || setuid(65534) != 0) _exit(255);
      Result<Store> store = Store::open_to_read(path_);
      if (!store) _exit(254);
      _exit(static_cast<int>(samples(*store, StoredSeriesId{1}).size()));
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  fs::permissions(folder_, fs::perms(0755));
  path_ = folder_ / "what? 100% #1.db";
  {
    Store store = opened();
    for (int i = 0; i < 70; ++i) put_all(store, round_at(i, {process(1)}));
    EXPECT_EQ(samples_for_nobody(), 70);
  }
  EXPECT_EQ(samples_for_nobody(), 70);
}

}  // namespace
}  // namespace seep::monitor
