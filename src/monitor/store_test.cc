#include "monitor/store.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <random>

#include "support/store_folder.h"

namespace seep::monitor {
namespace {

namespace fs = std::filesystem;
using test::process;
using test::put_all;
using test::round_at;

constexpr std::int64_t kSecond = test::kSecond;

using StoreTest = test::StoreFolder;

TEST_F(StoreTest, what_was_put_in_is_read_back_after_a_restart_of_the_watch) {
  std::vector<Round> rounds;
  for (int i = 0; i < 200; ++i) rounds.push_back(round_at(i, {process(1), process(2)}));
  {
    Store store = opened();
    for (const Round& round : rounds) put_all(store, round);
  }
  Store store = opened();
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].name, test::name_of_process(1));
  ASSERT_EQ(all[0].processes.size(), 1u);
  EXPECT_EQ(all[0].processes[0].identity, process(1));
  EXPECT_EQ(all[0].processes[0].first_ns, rounds.front().samples[0].sample.monotonic_ns);
  EXPECT_EQ(all[0].processes[0].last_ns, rounds.back().samples[0].sample.monotonic_ns);
  EXPECT_FALSE(all[0].processes[0].end);
  for (std::size_t p = 0; p < 2; ++p) {
    std::vector<ProcessSample> read = samples(store, all[p].id);
    ASSERT_EQ(read.size(), 200u);
    for (std::size_t i = 0; i < 200; ++i) {
      EXPECT_EQ(read[i].monotonic_ns, rounds[i].samples[p].sample.monotonic_ns);
      EXPECT_EQ(read[i].wall_ns, rounds[i].samples[p].sample.wall_ns);
      EXPECT_EQ(read[i].values, rounds[i].samples[p].sample.values);
    }
  }
  EXPECT_TRUE(diagnostics_.counts().empty());
}

TEST_F(StoreTest, a_range_and_one_figure_are_read_by_themselves) {
  Store store = opened();
  for (int i = 0; i < 150; ++i) put_all(store, round_at(i, {process(1)}));
  StoredSeriesId id = series(store).at(0).id;
  TimeRange range{test::time_of(50), test::time_of(100)};
  EXPECT_EQ(samples(store, id, range).size(), 51u);
  Result<std::vector<Sample>> values = store.values(id, Figure::kGoroutines, range, diagnostics_);
  ASSERT_TRUE(values);
  ASSERT_EQ(values->size(), 51u);
  EXPECT_EQ(values->front().monotonic_ns, test::time_of(50));
  EXPECT_EQ(
      values->front().value,
      static_cast<double>(*round_at(50, {process(1)}).samples[0].sample[Figure::kGoroutines]));
  EXPECT_TRUE(store.values(id, Figure::kPss, range, diagnostics_)->empty());
  EXPECT_TRUE(samples(store, StoredSeriesId{77}).empty());
}

TEST_F(StoreTest, a_reader_sees_what_a_watch_has_just_written) {
  Store store = opened();
  put_all(store, round_at(0, {process(1)}));
  Store other = reader();
  StoredSeriesId id = series(other).at(0).id;
  for (int i = 1; i < 130; ++i) {
    put_all(store, round_at(i, {process(1)}));
    EXPECT_EQ(samples(other, id).size(), static_cast<std::size_t>(i) + 1);
  }
  EXPECT_FALSE(other.put(round_at(130, {process(1)})));
}

TEST_F(StoreTest, a_restarted_program_goes_on_with_its_series) {
  Store store = opened();
  ProcessIdentity first = process(1);
  ProcessIdentity second = process(1);
  second.pid = 500;
  second.start_ticks += 9000;
  Round last = round_at(1, {first});
  last.ends.push_back({first, EndKind::kOomKilled});
  put_all(store, round_at(0, {first}));
  put_all(store, last);
  put_all(store, round_at(2, {}));
  Round next = round_at(3, {second});
  next.samples[0].name = test::name_of_process(1);
  next.samples[0].name.go_version = "go1.99.1";
  put_all(store, next);
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 1u);
  ASSERT_EQ(all[0].processes.size(), 2u);
  EXPECT_EQ(all[0].processes[0].end, EndKind::kOomKilled);
  EXPECT_EQ(all[0].processes[1].identity, second);
  EXPECT_EQ(all[0].name.go_version, "go1.99.1");
  EXPECT_EQ(samples(store, all[0].id).size(), 3u);
  EXPECT_EQ(restarts_of(all[0]), std::vector{test::time_of(3)});
}

TEST_F(StoreTest, processes_of_one_program_that_live_together_are_series_of_their_own) {
  Store store = opened();
  auto worker = [](std::uint32_t pid) {
    ProcessIdentity identity = process(pid);
    return identity;
  };
  auto put_workers = [&](int i, std::vector<ProcessIdentity> workers,
                         std::vector<RoundEnd> ends = {}) {
    Round round = round_at(i, workers);
    for (RoundSample& sample : round.samples) sample.name = test::name_of_process(1);
    round.ends = std::move(ends);
    put_all(store, round);
  };
  put_workers(0, {worker(1), worker(2)});
  put_workers(1, {worker(1), worker(2)}, {{worker(2), EndKind::kUnknown}});
  put_workers(2, {worker(1), worker(3)});
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].processes.size(), 1u);
  ASSERT_EQ(all[1].processes.size(), 2u);
  EXPECT_EQ(all[1].processes[1].identity, worker(3));
}

TEST_F(StoreTest, a_watch_that_resumes_finds_running_processes_in_their_series) {
  for (int watch = 0; watch < 3; ++watch) {
    Store store = opened();
    // The one that is new comes first: it must not take the series of one that lives.
    Round round = round_at(watch, {process(3), process(1), process(2)});
    if (watch == 0) round.samples.erase(round.samples.begin());
    for (RoundSample& sample : round.samples) sample.name = test::name_of_process(1);
    put_all(store, round);
  }
  Store store = reader();
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 3u);
  for (const StoredSeries& one : all) EXPECT_EQ(one.processes.size(), 1u);
}

TEST_F(StoreTest, a_process_that_runs_another_program_is_a_new_one) {
  Store store = opened();
  Round first = round_at(0, {process(1)});
  first.ends.push_back({process(1), EndKind::kUnknown});
  put_all(store, first);
  Round second = round_at(1, {process(1)});
  second.samples[0].name = test::name_of_process(2);
  put_all(store, second);
  put_all(store, round_at(2, {process(1)}));
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(samples(store, all[0].id).size(), 1u);
  EXPECT_EQ(samples(store, all[1].id).size(), 2u);
}

TEST_F(StoreTest, events_are_kept_and_the_last_verdict_is_known) {
  Store store = opened();
  Round round = round_at(0, {process(1)});
  round.events.push_back({process(1), EventKind::kVerdict, test::time_of(0), 5 * kSecond, "growing",
                          "live heap rises by 3 MiB/h"});
  round.events.push_back({process(9), EventKind::kNote, test::time_of(0), 0, "of nobody", ""});
  put_all(store, round);
  Round second = round_at(1, {process(1)});
  second.events.push_back(
      {process(1), EventKind::kVerdict, test::time_of(1), 6 * kSecond, "leak", ""});
  put_all(store, second);
  std::vector<StoredSeries> all = series(store);
  EXPECT_EQ(all[0].verdict, "leak");
  Result<std::vector<StoredEvent>> events = store.events(all[0].id, {});
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2u);
  EXPECT_EQ((*events)[0].text, "growing");
  EXPECT_EQ((*events)[0].detail, "live heap rises by 3 MiB/h");
  EXPECT_EQ((*events)[0].identity, process(1));
  EXPECT_EQ((*events)[1].monotonic_ns, test::time_of(1));
  EXPECT_EQ((*events)[1].wall_ns, 6 * kSecond);
}

// Boots and clocks.

TEST_F(StoreTest, a_wall_clock_set_back_changes_no_distance) {
  Store store = opened();
  put_all(store, round_at(0, {process(1)}));
  Round round = round_at(1, {process(1)});
  round.samples[0].sample.wall_ns -= 3600 * kSecond;
  put_all(store, round);
  std::vector<ProcessSample> read = samples(store, series(store).at(0).id);
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[1].monotonic_ns - read[0].monotonic_ns, kSecond);
  EXPECT_EQ(read[1].wall_ns, round.samples[0].sample.wall_ns);
}

TEST_F(StoreTest, samples_of_an_earlier_boot_come_before_those_of_this_one) {
  Store store = opened();
  for (int i = 0; i < 5; ++i) put_all(store, round_at(1000 + i, {process(1)}));
  // The clock of the new boot begins at zero, and the wall clock says it is twenty minutes later.
  ProcessIdentity later = process(1);
  later.boot_id = "second";
  Round round = round_at(3, {later});
  round.samples[0].sample.wall_ns = test::wall_of(1000 + 1200);
  put_all(store, round);
  std::vector<ProcessSample> read = samples(store, series(store).at(0).id);
  ASSERT_EQ(read.size(), 6u);
  EXPECT_EQ(read[5].monotonic_ns, test::time_of(3));
  EXPECT_EQ(read[5].monotonic_ns - read[0].monotonic_ns, 1200 * kSecond);
  EXPECT_EQ(series(store)[0].processes.size(), 2u);
}

TEST_F(StoreTest, a_boot_whose_wall_clock_lies_in_the_past_still_comes_later) {
  Store store = opened();
  for (int i = 0; i < 5; ++i) put_all(store, round_at(1000 + i, {process(1)}));
  ProcessIdentity later = process(1);
  later.boot_id = "second";
  Round round = round_at(3, {later});
  round.samples[0].sample.wall_ns = 0;
  put_all(store, round);
  std::vector<ProcessSample> read = samples(store, series(store).at(0).id);
  ASSERT_EQ(read.size(), 6u);
  EXPECT_GT(read[5].monotonic_ns, read[4].monotonic_ns);
  EXPECT_EQ(read[5].wall_ns, 0);
}

// Growing old.

TEST_F(StoreTest, old_samples_become_fewer_and_keep_floors_and_peaks) {
  StoreLimits limits;
  limits.every_sample_s = 1800;
  limits.ten_seconds_s = 3 * 3600;
  limits.minutes_s = 6 * 3600;
  Store store = opened(limits);
  constexpr int kRounds = 9 * 3600;
  for (int i = 0; i < kRounds; ++i) put_all(store, round_at(i, {process(1)}));
  std::vector<ProcessSample> read = samples(store, series(store).at(0).id);
  auto age = [&](const ProcessSample& sample) {
    return static_cast<double>(test::time_of(kRounds - 1) - sample.monotonic_ns) / kSecond;
  };
  auto in = [&](double younger, double older) {
    return std::count_if(read.begin(), read.end(), [&](const ProcessSample& sample) {
      return age(sample) >= younger && age(sample) < older;
    });
  };
  EXPECT_EQ(in(0, 1800), 1800);
  // Beyond a border of ten minutes and of an hour.
  EXPECT_EQ(in(2 * 1800, 2 * 3600), 2 * 360);
  EXPECT_EQ(in(4 * 3600 + 120, 5 * 3600), 2 * 58);
  EXPECT_LT(age(read.front()), 7.1 * 3600);
  EXPECT_GT(age(read.front()), 5.9 * 3600);
  // Each full minute has its lowest and highest value.
  for (const ProcessSample& row : read) {
    if (age(row) < 4.1 * 3600 || age(row) > 5.9 * 3600) continue;
    std::int64_t minute = row.wall_ns / (60 * kSecond) * 60;
    std::int64_t low = std::numeric_limits<std::int64_t>::max();
    std::int64_t high = 0;
    for (int s = 0; s < 60; ++s) {
      std::int64_t i = minute - test::wall_of(0) / kSecond + s;
      std::int64_t rss = test::rss_at(static_cast<int>(i), 1);
      low = std::min(low, rss);
      high = std::max(high, rss);
    }
    EXPECT_EQ(row[Figure::kRss], row.wall_ns / kSecond % 60 == 0 ? low : high);
  }
}

TEST_F(StoreTest, a_program_that_is_forgotten_leaves_nothing) {
  StoreLimits limits;
  limits.every_sample_s = limits.ten_seconds_s = limits.minutes_s = 60;
  Store store = opened(limits);
  Round first = round_at(0, {process(1), process(2)});
  first.events.push_back({process(1), EventKind::kNote, test::time_of(0), 0, "hello", ""});
  put_all(store, first);
  for (int i = 1; i < 3 * 3600; i += 10) put_all(store, round_at(i, {process(2)}));
  std::vector<StoredSeries> all = series(store);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].processes[0].identity, process(2));
  EXPECT_EQ(number("SELECT count(*) FROM processes"), 1);
  EXPECT_EQ(number("SELECT count(*) FROM events"), 0);
}

TEST_F(StoreTest, the_file_stays_within_its_bound_and_loses_the_oldest) {
  StoreLimits limits;
  limits.most_bytes = 4 << 20;
  Store store = opened(limits);
  std::vector<ProcessIdentity> processes;
  for (std::uint32_t i = 1; i <= 20; ++i) processes.push_back(process(i));
  constexpr int kRounds = 3000;
  std::mt19937_64 random(5);
  for (int i = 0; i < kRounds; ++i) {
    Round round = round_at(i, processes);
    for (RoundSample& sample : round.samples)
      for (std::optional<std::int64_t>& value : sample.sample.values)
        value = static_cast<std::int64_t>(random() >> 2);
    put_all(store, round);
    ASSERT_LE(fs::file_size(path_), limits.most_bytes);
  }
  std::vector<ProcessSample> read = samples(store, series(store).at(0).id);
  EXPECT_EQ(read.back().monotonic_ns, test::time_of(kRounds - 1));
  EXPECT_GT(read.front().monotonic_ns, test::time_of(100));
  EXPECT_GT(read.size(), 300u);
  EXPECT_EQ(static_cast<std::int64_t>(read.size()) - 1,
            (read.back().monotonic_ns - read.front().monotonic_ns) / kSecond);
}

TEST_F(StoreTest, very_many_events_do_not_fill_it) {
  StoreLimits limits;
  limits.most_bytes = 4 << 20;
  Store store = opened(limits);
  for (int i = 0; i < 300; ++i) {
    Round round = round_at(i, {process(1)});
    for (int event = 0; event < 10; ++event)
      round.events.push_back({process(1), EventKind::kNote, test::time_of(i), 0,
                              std::string(4000, 'x'), std::string(4000, 'y')});
    put_all(store, round);
    ASSERT_LE(fs::file_size(path_), limits.most_bytes);
  }
  EXPECT_EQ(samples(store, series(store).at(0).id).back().monotonic_ns, test::time_of(299));
}

TEST_F(StoreTest, a_lowered_bound_shrinks_the_file) {
  {
    Store store = opened();
    std::vector<ProcessIdentity> processes;
    for (std::uint32_t i = 1; i <= 50; ++i) processes.push_back(process(i));
    std::mt19937_64 random(5);
    for (int i = 0; i < 600; ++i) {
      Round round = round_at(i, processes);
      for (RoundSample& sample : round.samples)
        for (std::optional<std::int64_t>& value : sample.sample.values)
          value = static_cast<std::int64_t>(random() >> 2);
      put_all(store, round);
    }
  }
  ASSERT_GT(fs::file_size(path_), 5u << 20);
  StoreLimits limits;
  limits.most_bytes = 4 << 20;
  {
    Store store = opened(limits);
    for (int i = 600; i < 800; ++i) put_all(store, round_at(i, {process(1)}));
  }
  EXPECT_LE(fs::file_size(path_), limits.most_bytes);
}

TEST_F(StoreTest, a_reader_that_never_ends_cannot_make_the_log_grow_for_ever) {
  StoreLimits limits;
  limits.most_bytes = 4 << 20;
  Store store = opened(limits);
  put_all(store, round_at(0, {process(1)}));
  sqlite3* held = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &held), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(held, "BEGIN; SELECT count(*) FROM rounds", nullptr, nullptr, nullptr),
            SQLITE_OK);
  std::vector<ProcessIdentity> processes;
  for (std::uint32_t i = 1; i <= 100; ++i) processes.push_back(process(i));
  int second = 1;
  Result<void> done;
  for (; done && second < 3000; ++second) done = store.put(round_at(second, processes));
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("log cannot be emptied"), std::string::npos);
  EXPECT_LT(fs::file_size(path_ + "-wal"), limits.most_bytes * 5 / 4);
  sqlite3_close(held);
  put_all(store, round_at(second, processes));
  EXPECT_EQ(samples(store, series(store).at(0).id).back().monotonic_ns, test::time_of(second));
}

}  // namespace
}  // namespace seep::monitor
