// What a store is after its watch was killed, after a power failure, and on a full disk.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <thread>

#include "monitor/store.h"
#include "support/power_failure.h"
#include "support/small_disk.h"
#include "support/store_rounds.h"

namespace seep::monitor {
namespace {

namespace fs = std::filesystem;
using test::process;
using test::round_at;

class StoreSafety : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("seep-store-safety-" + std::to_string(getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    path_ = folder_ / "watch.db";
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
  std::string path_;
};

const std::vector<ProcessIdentity>& three_processes() {
  static const std::vector<ProcessIdentity> processes = {process(1), process(2), process(3)};
  return processes;
}

/// The store holds all rounds from `first` to some round that is returned, whole and once each.
std::int64_t check_rounds(const std::string& path, std::int64_t first) {
  EXPECT_TRUE(test::is_sound(path));
  Result<Store> store = Store::open_to_read(path);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    return -1;
  }
  Diagnostics diagnostics;
  Result<std::vector<StoredSeries>> all = store->series(diagnostics);
  if (!all) {
    ADD_FAILURE() << all.error().message;
    return -1;
  }
  std::int64_t last = first - 1;
  for (const StoredSeries& series : *all) {
    Result<std::vector<ProcessSample>> samples = store->samples(series.id, {}, diagnostics);
    if (!samples) {
      ADD_FAILURE() << samples.error().message;
      return -1;
    }
    for (std::size_t i = 0; i < samples->size(); ++i) {
      std::int64_t second = first + static_cast<std::int64_t>(i);
      EXPECT_EQ((*samples)[i].monotonic_ns, test::time_of(second));
      EXPECT_EQ((*samples)[i].values,
                test::sample_at(second, series.processes[0].identity.pid).values);
    }
    last = first + static_cast<std::int64_t>(samples->size()) - 1;
  }
  EXPECT_TRUE(diagnostics.counts().empty());
  return last;
}

// Killed.

/// Writes rounds from `next` on without a pause, and says of each that it is in the store.
[[noreturn]] void write_for_ever(const std::string& path, std::atomic<std::int64_t>& next) {
  StoreLimits limits;
  limits.every_sample_s = limits.ten_seconds_s = limits.minutes_s = 86400 * 30;
  Result<Store> store = Store::open(path, limits);
  if (!store) _exit(1);
  while (true) {
    if (!store->put(round_at(next.load(), three_processes()))) _exit(2);
    next.fetch_add(1);
  }
}

TEST_F(StoreSafety, a_writer_killed_200_times_loses_nothing_that_was_put) {
  void* shared = mmap(nullptr, sizeof(std::atomic<std::int64_t>), PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto& next = *new (shared) std::atomic<std::int64_t>(0);
  std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int kill_number = 0; kill_number < 200; ++kill_number) {
    std::int64_t begin = next.load();
    pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) write_for_ever(path_, next);
    // One round at least, or the killing would only ever hit the opening; then anywhere.
    while (kill_number % 4 != 0 && next.load() == begin && waitpid(child, nullptr, WNOHANG) == 0)
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    std::this_thread::sleep_for(std::chrono::microseconds(random() % 30000));
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "ended by itself: " << WEXITSTATUS(status);
    if (next.load() == 0) continue;  // killed while it was made
    std::int64_t last = check_rounds(path_, 0);
    if (testing::Test::HasFailure()) break;
    // What was said to be in the store is; the round it was writing may be.
    ASSERT_GE(last, next.load() - 1);
    ASSERT_LE(last, next.load());
    next.store(last + 1);
  }
  RecordProperty("rounds", static_cast<int>(next.load()));
  EXPECT_GT(next.load(), 200);
  munmap(shared, sizeof(std::atomic<std::int64_t>));
}

// Power failures.

TEST_F(StoreSafety, a_power_failure_takes_a_second_at_most) {
  fs::path survived = folder_ / "survived";
  fs::create_directories(survived);
  test::PowerFailure disk(survived);
  StoreLimits limits;
  limits.every_sample_s = limits.ten_seconds_s = limits.minutes_s = 86400 * 30;
  Result<Store> store = Store::open(path_, limits);
  ASSERT_TRUE(store) << store.error().message;
  std::mt19937_64 random(11);
  // Enough for the log to be emptied some times.
  for (int i = 0; i < 1500; ++i) {
    ASSERT_TRUE(store->put(round_at(i, three_processes())));
    if (i % 37 != 0 && i % 60 > 2) continue;
    // What would be there after a failure now: read elsewhere, since reading repairs.
    fs::path after = folder_ / "after";
    fs::remove_all(after);
    fs::copy(survived, after);
    EXPECT_EQ(check_rounds(after / "watch.db", 0), i);
  }
}

TEST_F(StoreSafety, rounds_of_less_than_a_second_are_not_all_forced_to_the_disk) {
  fs::path survived = folder_ / "survived";
  fs::create_directories(survived);
  test::PowerFailure disk(survived);
  Result<Store> store = Store::open(path_);
  ASSERT_TRUE(store) << store.error().message;
  std::uint64_t before = disk.syncs();
  for (int i = 0; i < 50; ++i) {
    Round round = round_at(0, three_processes());
    for (RoundSample& sample : round.samples) sample.sample.monotonic_ns += i * test::kSecond / 10;
    ASSERT_TRUE(store->put(round));
  }
  EXPECT_LE(disk.syncs() - before, 8u);
  EXPECT_GE(disk.syncs() - before, 5u);
}

// Full disks.

std::int64_t peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST_F(StoreSafety, a_full_disk_is_said_and_writing_goes_on_when_there_is_room) {
  test::SmallDisk disk(folder_ / "disk", "8m");
  if (!disk.reason().empty()) GTEST_SKIP() << "no small disk: " << disk.reason();
  std::string path = disk.path() + "/watch.db";
  std::vector<ProcessIdentity> processes;
  for (std::uint32_t i = 1; i <= 100; ++i) processes.push_back(process(i));
  {
    Result<Store> store = Store::open(path);
    ASSERT_TRUE(store) << store.error().message;
    int second = 0;
    for (; second < 50; ++second) ASSERT_TRUE(store->put(round_at(second, processes)));
    for (int time = 0; time < 3; ++time) {
      disk.fill();
      int failed = 0;
      std::int64_t before = peak_kilobytes();
      for (int i = 0; i < 500; ++i, ++second) {
        Result<void> done = store->put(round_at(second, processes));
        if (done) continue;  // there was room in the log
        ++failed;
        EXPECT_EQ(done.error().kind, ErrorKind::kIo);
        EXPECT_NE(done.error().message.find("no room left"), std::string::npos)
            << done.error().message;
      }
      EXPECT_GT(failed, 300);
      EXPECT_LT(peak_kilobytes() - before, 16 << 10);
      // Readers are served meanwhile.
      Result<Store> reader = Store::open_to_read(path);
      ASSERT_TRUE(reader) << reader.error().message;
      Diagnostics diagnostics;
      Result<std::vector<StoredSeries>> all = reader->series(diagnostics);
      ASSERT_TRUE(all) << all.error().message;
      EXPECT_EQ(all->size(), 100u);
      disk.empty();
      for (int i = 0; i < 130; ++i, ++second) {
        Result<void> done = store->put(round_at(second, processes));
        ASSERT_TRUE(done) << done.error().message;
      }
    }
    Diagnostics diagnostics;
    std::vector<ProcessSample> samples = *store->samples(StoredSeriesId{1}, {}, diagnostics);
    EXPECT_EQ(samples.front().monotonic_ns, test::time_of(0));
    EXPECT_EQ(samples.back().monotonic_ns, test::time_of(second - 1));
    EXPECT_GE(samples.size(), 50u + 3 * 130u);
    EXPECT_TRUE(diagnostics.counts().empty());
  }
  EXPECT_TRUE(test::is_sound(path));
}

TEST_F(StoreSafety, no_store_is_begun_on_a_full_disk) {
  test::SmallDisk disk(folder_ / "disk", "8m");
  if (!disk.reason().empty()) GTEST_SKIP() << "no small disk: " << disk.reason();
  disk.fill();
  Result<Store> store = Store::open(disk.path() + "/watch.db");
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().kind, ErrorKind::kIo);
  disk.empty();
  EXPECT_TRUE(Store::open(disk.path() + "/watch.db"));
}

}  // namespace
}  // namespace seep::monitor
