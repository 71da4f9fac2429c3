#include "monitor/thinning.h"

#include <gtest/gtest.h>

#include <random>

namespace seep::monitor {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

ProcessSample sample(std::int64_t second, std::optional<std::int64_t> rss) {
  ProcessSample result;
  result.monotonic_ns = second * kSecond;
  result.wall_ns = (1000 + second) * kSecond;
  result[Figure::kRss] = rss;
  return result;
}

TEST(Thinning, keeps_floor_and_peak_of_each_slot_at_its_first_and_last_time) {
  Thinning thinning(10 * kSecond);
  thinning.add(std::vector{sample(0, 5), sample(3, 9), sample(6, 2), sample(9, 7)});
  thinning.add(std::vector{sample(12, 4), sample(10, 6)});
  std::vector<ProcessSample> rows = thinning.rows();
  ASSERT_EQ(rows.size(), 4u);
  // Lows first.
  EXPECT_EQ(rows[0].monotonic_ns, 0);
  EXPECT_EQ(rows[0][Figure::kRss], 2);
  EXPECT_EQ(rows[1].monotonic_ns, 10 * kSecond);
  EXPECT_EQ(rows[1].wall_ns, 1010 * kSecond);
  EXPECT_EQ(rows[1][Figure::kRss], 4);
  EXPECT_EQ(rows[2].monotonic_ns, 9 * kSecond);
  EXPECT_EQ(rows[2][Figure::kRss], 9);
  EXPECT_EQ(rows[3].monotonic_ns, 12 * kSecond);
  EXPECT_EQ(rows[3][Figure::kRss], 6);
}

TEST(Thinning, one_sample_in_a_slot_stays_one) {
  Thinning thinning(10 * kSecond);
  thinning.add(std::vector{sample(5, 5), sample(17, 6)});
  EXPECT_EQ(thinning.rows().size(), 2u);
}

TEST(Thinning, a_figure_that_is_known_seldom_is_kept) {
  Thinning thinning(10 * kSecond);
  thinning.add(std::vector{sample(1, std::nullopt), sample(2, 8), sample(3, std::nullopt)});
  std::vector<ProcessSample> rows = thinning.rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0][Figure::kRss], 8);
  EXPECT_EQ(rows[1][Figure::kRss], 8);
  EXPECT_FALSE(rows[0][Figure::kPss]);
}

TEST(Thinning, thinned_again_is_as_if_it_had_been_thinned_at_once) {
  std::mt19937_64 random(7);
  std::vector<ProcessSample> samples;
  for (int i = 0; i < 3600; ++i)
    samples.push_back(sample(i, static_cast<std::int64_t>(random() % 1000)));
  Thinning fine(10 * kSecond);
  fine.add(samples);
  Thinning twice(60 * kSecond);
  twice.add(fine.rows());
  Thinning once(60 * kSecond);
  once.add(samples);
  std::vector<ProcessSample> a = twice.rows();
  std::vector<ProcessSample> b = once.rows();
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].monotonic_ns, b[i].monotonic_ns);
    EXPECT_EQ(a[i].values, b[i].values);
  }
}

TEST(Thinning, pieces_of_time_before_zero_are_as_long_as_others) {
  EXPECT_EQ(piece_of(-1, 10), -1);
  EXPECT_EQ(piece_of(-10, 10), -1);
  EXPECT_EQ(piece_of(-11, 10), -2);
  EXPECT_EQ(piece_of(0, 10), 0);
  EXPECT_EQ(piece_of(9, 10), 0);
}

}  // namespace
}  // namespace seep::monitor
