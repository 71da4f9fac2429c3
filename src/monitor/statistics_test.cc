// Theil-Sen, Mann-Kendall, the line with its error, and order statistics: numbers from papers and
// by hand, and what must not change them.
#include <gtest/gtest.h>

#include <cmath>

#include "monitor/fresh_noise.h"
#include "monitor/least_squares.h"
#include "monitor/line_fit.h"
#include "monitor/mann_kendall.h"
#include "monitor/order_statistics.h"
#include "monitor/random_source.h"
#include "monitor/theil_sen.h"

namespace seep::monitor {
namespace {

std::vector<Point> counted_from_one(const std::vector<double>& values) {
  std::vector<Point> points;
  for (std::size_t i = 0; i < values.size(); ++i)
    points.push_back({static_cast<double>(i + 1), values[i]});
  return points;
}

/// Noise whose neighbours have this correlation.
std::vector<Point> wandering(RandomSource& random, std::size_t count, double memory,
                             double slope = 0) {
  std::vector<Point> points;
  double noise = random.normal();
  for (std::size_t i = 0; i < count; ++i) {
    points.push_back({static_cast<double>(i), 100 + slope * static_cast<double>(i) + noise});
    noise = memory * noise + std::sqrt(1 - memory * memory) * random.normal();
  }
  return points;
}

TEST(TheilSen, GivesTheSlopeOfSensOwnExample) {
  // Sen 1968, section 6: seven points, 21 slopes, the middle one is 4.
  std::vector<Point> points = {{1, 9}, {2, 15}, {3, 19}, {4, 20}, {10, 45}, {12, 55}, {18, 78}};
  EXPECT_DOUBLE_EQ(theil_sen(points).slope, 4);
}

TEST(TheilSen, TakesTheMeanOfTheTwoMiddleSlopes) {
  // Slopes 1, 1, 1, 33, 49, 97.
  EXPECT_DOUBLE_EQ(theil_sen(counted_from_one({1, 2, 3, 100})).slope, 17);
}

TEST(TheilSen, IsNotMovedByAFifthOfWildValues) {
  std::vector<Point> points;
  for (int i = 0; i < 50; ++i)
    points.push_back({1.0 * i, i % 5 == 0 ? 1e9 * (i % 3) : 3.0 * i + 7});
  TheilSen line = theil_sen(points);
  EXPECT_NEAR(line.slope, 3, 0.2);
  EXPECT_NEAR(line.intercept, 7, 8);
}

TEST(TheilSen, ScalesWithTheUnitsOfValueAndTime) {
  RandomSource random(1);
  std::vector<Point> points = wandering(random, 60, 0.5, 0.1);
  double slope = theil_sen(points).slope;
  for (Point& point : points) point = {point.time_s * 60 + 1e6, point.value * 1024 - 5};
  EXPECT_NEAR(theil_sen(points).slope, slope * 1024 / 60, 1e-9);
}

TEST(TheilSen, IntervalHoldsTheSlopeAndWidensWithAutocorrelation) {
  int held = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomSource random(seed);
    std::vector<Point> points = wandering(random, 60, 0, 0.05);
    MannKendall test = mann_kendall(points);
    TheilSen line = theil_sen(points, test.corrected_variance(), 1.645);
    held += line.low <= 0.05 && 0.05 <= line.high;
    TheilSen wide = theil_sen(points, 4 * test.corrected_variance(), 1.645);
    EXPECT_LE(wide.low, line.low);
    EXPECT_GE(wide.high, line.high);
  }
  EXPECT_GE(held, 168);  // 90 % expected, of 200
  EXPECT_LE(held, 195);
}

TEST(TheilSen, OfNothingOfOnePointAndOfOneInstantIsFlat) {
  EXPECT_EQ(theil_sen({}).slope, 0);
  std::vector<Point> one = {{5, 42}};
  EXPECT_EQ(theil_sen(one).slope, 0);
  EXPECT_EQ(theil_sen(one).at(100), 42);
  std::vector<Point> instant = {{5, 42}, {5, 43}, {5, 44}};
  EXPECT_EQ(theil_sen(instant).slope, 0);
}

TEST(MannKendall, CountsARisingRow) {
  // Ten rising values: all 45 pairs, variance 10 * 9 * 25 / 18.
  MannKendall test = mann_kendall(counted_from_one({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(test.s, 45);
  EXPECT_EQ(test.variance, 125);
  EXPECT_EQ(test.correction, 1);
  EXPECT_NEAR(test.z, 44 / std::sqrt(125.0), 1e-12);
  EXPECT_NEAR(test.p, 8.3e-5, 1e-6);
}

TEST(MannKendall, TakesTiesOutOfTheVariance) {
  MannKendall test = mann_kendall(counted_from_one({1, 2, 2, 3}));
  EXPECT_EQ(test.s, 5);
  EXPECT_NEAR(test.variance, (4 * 3 * 13 - 2 * 1 * 9) / 18.0, 1e-12);
}

TEST(MannKendall, OfEqualValuesIsNoTrend) {
  MannKendall test = mann_kendall(counted_from_one(std::vector<double>(30, 7)));
  EXPECT_EQ(test.s, 0);
  EXPECT_EQ(test.p, 1);
}

TEST(MannKendall, OnlyTheOrderOfValuesCounts) {
  RandomSource random(3);
  std::vector<Point> points = wandering(random, 80, 0.3, 0.02);
  MannKendall before = mann_kendall(points);
  for (Point& point : points) point.value = std::exp(point.value / 50);
  EXPECT_EQ(mann_kendall(points).s, before.s);
  EXPECT_EQ(mann_kendall(points).variance, before.variance);
}

TEST(MannKendall, CorrectedIsNotFooledByWanderingWherePlainIs) {
  int plain = 0;
  int corrected = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    RandomSource random(seed);
    MannKendall test = mann_kendall(wandering(random, 120, 0.7));
    plain += std::abs(test.s) / std::sqrt(test.variance) > 1.96;
    corrected += test.p < 0.05;
  }
  EXPECT_GT(plain, 90);  // of 300, instead of 15
  EXPECT_LT(corrected, plain / 2);
}

TEST(LineFit, ErrorOfTheSlopeIsThatOfLeastSquaresWithoutMemory) {
  double strays = 0;
  double said = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomSource random(seed);
    LineFit fit = fit_line(wandering(random, 80, 0, 0.1));
    strays += (fit.slope - 0.1) * (fit.slope - 0.1) / 200;
    said += fit.slope_error / 200;
  }
  EXPECT_NEAR(std::sqrt(strays) / said, 1, 0.2);
}

TEST(LineFit, ErrorOfTheSlopeGrowsWithTheMemoryOfTheNoise) {
  double strays = 0;
  double said = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    RandomSource random(seed);
    LineFit fit = fit_line(wandering(random, 120, 0.8, 0.1));
    strays += (fit.slope - 0.1) * (fit.slope - 0.1) / 200;
    said += fit.slope_error / 200;
  }
  EXPECT_NEAR(std::sqrt(strays) / said, 1, 0.35);
}

TEST(LineFit, OfAnExactLineIsSureAndOfNothingIsNot) {
  std::vector<Point> line;
  for (int i = 0; i < 20; ++i) line.push_back({1.0 * i, 2.0 * i});
  EXPECT_DOUBLE_EQ(fit_line(line).slope, 2);
  EXPECT_GT(fit_line(line).significance(), 1e5);
  EXPECT_EQ(fit_line({}).significance(), 0);
  EXPECT_EQ(fit_line(std::span(line).first(1)).slope, 0);
}

TEST(OrderStatistics, MediansAndQuantiles) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({3}), 3);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(quantile({0, 10}, 0.25), 2.5);
  EXPECT_EQ(quantile({1, 2, 3}, 2), 3);
  EXPECT_NEAR(robust_deviation({1, 1, 2, 2, 4, 6, 9}), 1.4826, 1e-12);
}

TEST(FreshNoise, OfAWanderingNoiseIsWhatIsNewInIt) {
  RandomSource random(9);
  std::vector<double> noise;
  for (const Point& point : wandering(random, 5000, 0.9)) noise.push_back(point.value - 100);
  EXPECT_NEAR(fresh_noise(noise), 1 - 0.81, 0.02);
  EXPECT_EQ(fresh_noise({}), 0);
}

TEST(LeastSquares, FindsTheWeightsAndSurvivesEqualColumns) {
  std::vector<std::array<double, 2>> rows = {{1, 0}, {1, 1}, {1, 2}};
  std::array<double, 2> weights = least_squares(rows, {1, 3, 5});
  EXPECT_NEAR(weights[0], 1, 1e-6);
  EXPECT_NEAR(weights[1], 2, 1e-6);
  rows = {{1, 1}, {1, 1}, {1, 1}};
  weights = least_squares(rows, {2, 2, 2});
  EXPECT_NEAR(weights[0] + weights[1], 2, 1e-6);
}

}  // namespace
}  // namespace seep::monitor
