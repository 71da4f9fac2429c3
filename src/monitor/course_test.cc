#include "monitor/course.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace seep::monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

ProcessSample sample_at(std::int64_t second, std::int64_t rss) {
  ProcessSample sample;
  sample.monotonic_ns = second * kSecond;
  sample.wall_ns = 1'800'000'000 * kSecond + sample.monotonic_ns;
  sample[Figure::kRss] = rss;
  return sample;
}

double lowest(const Series& series, std::int64_t from_s, std::int64_t to_s) {
  double low = INFINITY;
  for (const Sample& sample : series.samples)
    if (sample.monotonic_ns >= from_s * kSecond && sample.monotonic_ns < to_s * kSecond)
      low = std::min(low, sample.value);
  return low;
}

TEST(Course, a_short_one_has_every_sample) {
  Course course;
  for (int i = 0; i < 400; ++i) course.push(sample_at(i, i));
  Series series = course.whole(SeriesKind::kRss);
  ASSERT_EQ(series.samples.size(), 400u);
  EXPECT_EQ(series.samples[7].value, 7);
  EXPECT_EQ(series.samples[7].monotonic_ns, 7 * kSecond);
  EXPECT_DOUBLE_EQ(course.span_s(), 399);
}

TEST(Course, a_long_one_is_bounded_and_keeps_floors_and_peaks) {
  Course course;
  constexpr int kWeek = 7 * 24 * 3600;
  for (int i = 0; i < kWeek; i += 10) {
    std::int64_t value = 1000;
    if (i == 100'000) value = 10;
    if (i == 400'000) value = 9000;
    course.push(sample_at(i, value));
  }
  Series series = course.whole(SeriesKind::kRss);
  EXPECT_LE(series.samples.size(), 960u);
  EXPECT_GE(series.samples.size(), 400u);
  auto [low, high] = std::ranges::minmax(series.samples, {}, &Sample::value);
  EXPECT_EQ(low.value, 10);
  EXPECT_EQ(high.value, 9000);
  EXPECT_NEAR(static_cast<double>(low.monotonic_ns) / kSecond, 100'000, 2000);
  EXPECT_NEAR(static_cast<double>(high.monotonic_ns) / kSecond, 400'000, 2000);
}

TEST(Course, samples_rise_in_time) {
  Course course;
  for (int i = 0; i < 50'000; ++i) course.push(sample_at(i, i % 60));
  for (const Series& series : {course.whole(SeriesKind::kRss), course.recent(SeriesKind::kRss)})
    for (std::size_t i = 1; i < series.samples.size(); ++i)
      ASSERT_GT(series.samples[i].monotonic_ns, series.samples[i - 1].monotonic_ns);
}

TEST(Course, the_last_two_hours_are_known_more_closely) {
  Course course;
  constexpr int kDay = 24 * 3600;
  for (int i = 0; i < kDay; ++i) course.push(sample_at(i, i % 60 == 0 ? 1 : 5));
  Series recent = course.recent(SeriesKind::kRss);
  EXPECT_LE(recent.samples.front().monotonic_ns, (kDay - 7200) * kSecond);
  EXPECT_GE(recent.samples.front().monotonic_ns, (kDay - 3 * 3600) * kSecond);
  EXPECT_EQ(lowest(recent, kDay - 600, kDay), 1);
  EXPECT_GE(recent.samples.size(), 600u);
}

TEST(Course, nothing_is_joined_across_a_restart) {
  Course course;
  for (int i = 0; i < 10'000; ++i) course.push(sample_at(i, 900));
  course.mark_restart(10'000 * kSecond);
  for (int i = 10'000; i < 10'005; ++i) course.push(sample_at(i, 5));
  for (const Series& series : {course.whole(SeriesKind::kRss), course.recent(SeriesKind::kRss)}) {
    for (const Sample& sample : series.samples)
      EXPECT_EQ(sample.value, sample.monotonic_ns < 10'000 * kSecond ? 900 : 5);
    EXPECT_EQ(series.restarts_ns, std::vector<std::int64_t>{10'000 * kSecond});
  }
  EXPECT_DOUBLE_EQ(course.run_span_s(), 4);
  EXPECT_DOUBLE_EQ(course.span_s(), 10'004);
  // The young run has all of its samples, though the one before it is coarse.
  Series whole = course.whole(SeriesKind::kRss);
  EXPECT_EQ(std::ranges::count(whole.samples, 5, &Sample::value), 5);
}

TEST(Course, many_restarts_are_bounded) {
  Course course;
  std::int64_t second = 0;
  for (int run = 0; run < 100; ++run) {
    for (int i = 0; i < 300; ++i) course.push(sample_at(second++, run));
    course.mark_restart(second * kSecond);
  }
  EXPECT_LE(course.whole(SeriesKind::kRss).samples.size(), 4 * 240u);
  EXPECT_LE(course.whole(SeriesKind::kRss).restarts_ns.size(), 4u);
}

TEST(Course, what_was_not_read_is_not_made_up) {
  Course course;
  for (int i = 0; i < 2000; ++i) {
    ProcessSample sample = sample_at(i, 1);
    if (i % 2 == 0) sample[Figure::kGoroutines] = 7;
    course.push(sample);
  }
  for (const Sample& sample : course.whole(SeriesKind::kGoroutines).samples)
    EXPECT_EQ(sample.value, 7);
  EXPECT_TRUE(course.whole(SeriesKind::kLiveHeap).samples.empty());
}

}  // namespace
}  // namespace seep::monitor
