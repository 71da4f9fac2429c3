// A store in a folder of its own, for tests. Header only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "monitor/store.h"
#include "support/store_rounds.h"

namespace seep::test {

class StoreFolder : public testing::Test {
 protected:
  void SetUp() override {
    // In memory where that is possible: these tests are of what is written, not of disks.
    std::filesystem::path memory = "/dev/shm";
    std::filesystem::path parent =
        access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
    folder_ = parent / ("seep-store-" + std::to_string(getpid()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    path_ = folder_ / "watch.db";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  monitor::Store opened(const monitor::StoreLimits& limits = {}) {
    Result<monitor::Store> store = monitor::Store::open(path_, limits);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  monitor::Store reader() {
    Result<monitor::Store> store = monitor::Store::open_to_read(path_);
    EXPECT_TRUE(store) << store.error().message;
    return std::move(*store);
  }
  std::vector<monitor::StoredSeries> series(monitor::Store& store) {
    Result<std::vector<monitor::StoredSeries>> series = store.series(diagnostics_);
    EXPECT_TRUE(series) << series.error().message;
    return series.value_or(std::vector<monitor::StoredSeries>{});
  }
  std::vector<ProcessSample> samples(monitor::Store& store, monitor::StoredSeriesId id,
                                     monitor::TimeRange range = {}) {
    Result<std::vector<ProcessSample>> samples = store.samples(id, range, diagnostics_);
    EXPECT_TRUE(samples) << samples.error().message;
    return samples.value_or(std::vector<ProcessSample>{});
  }
  std::int64_t number(const char* sql) { return number_from(path_, sql); }

  std::filesystem::path folder_;
  std::string path_;
  Diagnostics diagnostics_;
};

inline void put_all(monitor::Store& store, const Round& round) {
  Result<void> done = store.put(round);
  ASSERT_TRUE(done) << done.error().message;
}

}  // namespace seep::test
