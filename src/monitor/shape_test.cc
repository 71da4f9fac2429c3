// Buckets, change points, the daily wave and the bend of a warm-up: shapes drawn with known
// numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "monitor/buckets.h"
#include "monitor/change_points.h"
#include "monitor/daily_wave.h"
#include "monitor/random_source.h"
#include "monitor/saturation.h"
#include "monitor/theil_sen.h"

namespace seep::monitor {
namespace {

template <typename Shape>
std::vector<Point> drawn(std::size_t count, double step_s, double noise, std::uint64_t seed,
                         Shape shape) {
  RandomSource random(seed);
  std::vector<Point> points;
  for (std::size_t i = 0; i < count; ++i) {
    double time = step_s * static_cast<double>(i);
    points.push_back({time, shape(time) + noise * random.normal()});
  }
  return points;
}

TEST(Buckets, HoldLowestHighestAndMean) {
  std::vector<Point> points = {{0, 5}, {1, 3}, {2, 4}, {10, 9}, {11, 7}};
  std::vector<Bucket> buckets = buckets_of(points, 2);
  ASSERT_EQ(buckets.size(), 2u);
  EXPECT_EQ(buckets[0].low, 3);
  EXPECT_EQ(buckets[0].high, 5);
  EXPECT_EQ(buckets[0].mean, 4);
  EXPECT_EQ(buckets[0].time_s, 1);
  EXPECT_EQ(buckets[1].samples, 2u);
}

TEST(Buckets, WithoutSamplesAreLeftOut) {
  std::vector<Point> points = {{0, 1}, {100, 2}};
  EXPECT_EQ(buckets_of(points, 10).size(), 2u);
  EXPECT_TRUE(buckets_of({}, 10).empty());
  EXPECT_TRUE(best_buckets({}).empty());
}

TEST(Buckets, AreWideEnoughForTheTeethOfTheCollector) {
  // A tooth of 97 s, seen each second over two hours: the floor is 100 and hardly strays.
  std::vector<Point> saw =
      drawn(7200, 1, 0.5, 1, [](double t) { return 100 * (1 + std::fmod(t, 97) / 97); });
  for (const Point& floor : floors_of(best_buckets(saw)))
    EXPECT_LT(floor.value, 104) << floor.time_s;
}

TEST(Buckets, FloorOfARisingSawRisesLikeWhatIsLive) {
  std::vector<Point> saw = drawn(
      7200, 1, 0.5, 2, [](double t) { return (100 + 0.01 * t) * (1 + std::fmod(t, 61) / 61); });
  EXPECT_NEAR(theil_sen(floors_of(best_buckets(saw))).slope, 0.01, 0.0006);
}

TEST(ChangePoints, OneLineStaysOne) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    std::vector<Point> line = drawn(100, 1, 2, seed, [](double t) { return 50 + 0.3 * t; });
    EXPECT_EQ(pieces_of(line).size(), 1u) << "seed " << seed;
  }
}

TEST(ChangePoints, FindAStepAndItsPlace) {
  std::vector<Point> step = drawn(100, 1, 1, 3, [](double t) { return t < 60 ? 50 : 80; });
  std::vector<Piece> pieces = pieces_of(step);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[1].first, 60u);
  EXPECT_NEAR(pieces[0].end, 50, 1);
  EXPECT_NEAR(pieces[1].start, 80, 1);
}

TEST(ChangePoints, FindTheEndOfARamp) {
  std::vector<Point> ramp = drawn(120, 1, 1, 4, [](double t) { return std::min(t, 50.0); });
  std::vector<Piece> pieces = pieces_of(ramp);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_NEAR(static_cast<double>(pieces[1].first), 50, 4);
  EXPECT_NEAR(pieces[1].slope, 0, 0.05);
}

TEST(ChangePoints, DoNotCutWhatWanders) {
  int cuts = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    RandomSource random(seed);
    std::vector<Point> points;
    double noise = 0;
    for (int i = 0; i < 120; ++i) {
      noise = 0.9 * noise + random.normal();
      points.push_back({1.0 * i, noise});
    }
    cuts += pieces_of(points).size() > 1;
  }
  EXPECT_LE(cuts, 8);
}

TEST(ChangePoints, OfFewEqualAndNoPoints) {
  EXPECT_TRUE(pieces_of({}).empty());
  std::vector<Point> few = {{0, 1}, {1, 1}, {2, 1}};
  EXPECT_EQ(pieces_of(few).size(), 1u);
  std::vector<Point> equal = drawn(100, 1, 0, 1, [](double) { return 7.0; });
  EXPECT_EQ(pieces_of(equal).size(), 1u);
  EXPECT_EQ(pieces_of(equal)[0].slope, 0);
}

double wave(double time_s) { return 10 * std::sin(2 * std::numbers::pi * time_s / kDay); }

TEST(DailyWave, IsFoundAndTakenOut) {
  std::vector<Point> points =
      drawn(120, 3 * kDay / 120, 1, 5, [](double t) { return 100 + wave(t); });
  std::optional<DailyWave> found = daily_wave(points);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->height(), 20, 2);
  for (const Point& point : without(*found, points)) EXPECT_NEAR(point.value, 100, 5);
}

TEST(DailyWave, LeavesTheSlopeUnderneath) {
  std::vector<Point> points = drawn(120, 3 * kDay / 120, 1, 6,
                                    [](double t) { return 100 + wave(t) + 30 * t / (3 * kDay); });
  std::optional<DailyWave> found = daily_wave(points);
  ASSERT_TRUE(found);
  EXPECT_NEAR(theil_sen(without(*found, points)).slope * 3 * kDay, 30, 2);
}

TEST(DailyWave, IsNotSeenInADayOrInStepsAndRamps) {
  EXPECT_FALSE(daily_wave(drawn(120, kDay / 120, 1, 7, [](double t) { return 100 + wave(t); })));
  for (double length : {1.5, 2.0, 3.0}) {
    double half = length * kDay / 2;
    double step = length * kDay / 120;
    EXPECT_FALSE(daily_wave(drawn(120, step, 1, 8, [&](double t) { return t < half ? 0 : 30; })));
    EXPECT_FALSE(
        daily_wave(drawn(120, step, 1, 9, [&](double t) { return 40 * std::min(1.0, t / half); })));
    EXPECT_FALSE(daily_wave(drawn(120, step, 1, 9, [&](double t) { return 40 * t; })));
  }
}

TEST(Saturation, KnowsTheLevelOfACacheThatFills) {
  std::vector<Point> points =
      drawn(120, 60, 1, 10, [](double t) { return 100 + 200 * (1 - std::exp(-t / 1500)); });
  Saturation saturation = saturation_of(points);
  EXPECT_NEAR(saturation.level, 300, 15);
  EXPECT_LT(saturation.line_gain, 6);
}

TEST(Saturation, SeesTheLineUnderAWarmUp) {
  std::vector<Point> points = drawn(
      120, 60, 1, 11, [](double t) { return 100 + 200 * (1 - std::exp(-t / 400)) + 0.01 * t; });
  Saturation saturation = saturation_of(points);
  EXPECT_GT(saturation.line_gain, 20);
  EXPECT_NEAR(saturation.line_slope, 0.01, 0.003);
}

TEST(Saturation, OfNothingAndOfEqualValuesSaysNothing) {
  EXPECT_EQ(saturation_of({}).line_gain, 0);
  EXPECT_EQ(saturation_of(drawn(50, 1, 0, 1, [](double) { return 3.0; })).line_gain, 0);
}

}  // namespace
}  // namespace seep::monitor
