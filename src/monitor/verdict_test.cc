// From samples to words: what each shape is called, what is said beside it, and that hostile input
// costs neither sense nor time.
#include "monitor/verdict.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/clock.h"
#include "monitor/random_source.h"
#include "monitor/verdict_text.h"

namespace seep::monitor {
namespace {

constexpr double kMiB = 1 << 20;

template <typename Shape>
Series sampled(double window_s, double step_s, double noise, Shape shape,
               SeriesKind kind = SeriesKind::kLiveHeap) {
  RandomSource random(7);
  Series series;
  series.kind = kind;
  for (double time = 0; time < window_s; time += step_s) {
    std::int64_t now = static_cast<std::int64_t>(time * 1e9);
    series.samples.push_back({now, now, shape(time) + noise * random.normal()});
  }
  return series;
}

SeriesVerdict judged(const Series& series, double limit = 0) {
  Diagnostics diagnostics;
  return judge(series, limit, diagnostics);
}

std::string said(const SeriesVerdict& verdict) {
  std::string text;
  for (const std::string& sentence : verdict.evidence) text += sentence + "\n";
  return text;
}

Series leak_of_hours(double hours) {
  return sampled(hours * 3600, 10, kMiB, [](double t) { return (200 + 60 * t / 3600) * kMiB; });
}

TEST(Verdict, SteadyGrowthIsGrowingAndLaterALeak) {
  SeriesVerdict young = judged(leak_of_hours(1));
  EXPECT_EQ(young.kind, VerdictKind::kGrowing) << said(young);
  EXPECT_NE(said(young).find("too short or too little"), std::string::npos);
  SeriesVerdict old = judged(leak_of_hours(6));
  EXPECT_EQ(old.kind, VerdictKind::kLeak) << said(old);
  EXPECT_NEAR(old.rate * 3600 / kMiB, 60, 1);
  EXPECT_LE(old.rate_low, old.rate);
  EXPECT_GE(old.rate_high, old.rate);
  EXPECT_NE(said(old).find("MiB/h (90 %"), std::string::npos) << said(old);
}

TEST(Verdict, SaysBelowWhatItCannotTellAndWhatItWouldTake) {
  Series noisy = sampled(1800, 10, 40 * kMiB, [](double) { return 200 * kMiB; });
  SeriesVerdict verdict = judged(noisy);
  EXPECT_EQ(verdict.kind, VerdictKind::kInconclusive) << said(verdict);
  ASSERT_TRUE(verdict.needs_s);
  EXPECT_GT(*verdict.needs_s, 0);
  EXPECT_NE(said(verdict).find("cannot tell below"), std::string::npos) << said(verdict);
  EXPECT_NE(said(verdict).find(" more"), std::string::npos);
}

TEST(Verdict, AHealthyOneSaysWhatItWouldNotHaveSeen) {
  SeriesVerdict verdict = judged(sampled(6 * 3600, 10, kMiB, [](double) { return 200 * kMiB; }));
  EXPECT_EQ(verdict.kind, VerdictKind::kHealthy) << said(verdict);
  EXPECT_LT(verdict.detectable_rate * 3600, 5 * kMiB);
  EXPECT_NE(said(verdict).find("would not be seen"), std::string::npos) << said(verdict);
}

TEST(Verdict, TheStatedFloorIsTrue) {
  // Twice what it says it would not have seen is seen.
  auto shape = [](double) { return 200 * kMiB; };
  double floor = judged(sampled(4 * 3600, 20, 3 * kMiB, shape)).detectable_rate;
  SeriesVerdict leak =
      judged(sampled(4 * 3600, 20, 3 * kMiB, [&](double t) { return 200 * kMiB + 2 * floor * t; }));
  EXPECT_TRUE(is_alarm(leak.kind)) << said(leak);
}

TEST(Verdict, IsNotFooledBySawWaveStepOrWarmUp) {
  auto saw = [](double t) { return 100 * kMiB * (1 + std::fmod(t, 140) / 140); };
  EXPECT_FALSE(is_alarm(judged(sampled(4 * 3600, 5, kMiB, saw, SeriesKind::kHeapInUse)).kind));
  auto wave = [](double t) {
    return (300 + 80 * std::sin(2 * std::numbers::pi * t / kDay)) * kMiB;
  };
  SeriesVerdict waving = judged(sampled(2.3 * kDay, 120, 2 * kMiB, wave));
  EXPECT_FALSE(is_alarm(waving.kind)) << said(waving);
  EXPECT_NE(said(waving).find("daily wave"), std::string::npos);
  auto step = [](double t) { return (t < 9000 ? 200 : 320) * kMiB; };
  EXPECT_FALSE(is_alarm(judged(sampled(5 * 3600, 10, kMiB, step)).kind));
  auto warm_up = [](double t) { return (50 + 400 * (1 - std::exp(-t / 1200))) * kMiB; };
  SeriesVerdict warming = judged(sampled(3600, 5, kMiB, warm_up));
  EXPECT_EQ(warming.kind, VerdictKind::kWarmingUp) << said(warming);
  EXPECT_FALSE(is_alarm(judged(sampled(8 * 3600, 20, kMiB, warm_up)).kind));
}

TEST(Verdict, SeesALeakUnderAWaveBehindAWarmUpAndInSteps) {
  auto under_wave = [](double t) {
    return (300 + 60 * std::sin(2 * std::numbers::pi * t / kDay) + 100 * t / (4 * kDay)) * kMiB;
  };
  SeriesVerdict waving = judged(sampled(4 * kDay, 300, 2 * kMiB, under_wave));
  EXPECT_EQ(waving.kind, VerdictKind::kLeak) << said(waving);
  auto behind = [](double t) {
    return (50 + 300 * (1 - std::exp(-t / 600)) + 80 * t / 20000) * kMiB;
  };
  EXPECT_TRUE(is_alarm(judged(sampled(20000, 20, kMiB, behind)).kind));
  auto in_steps = [](double t) { return (200 + 10 * std::floor(t / 900)) * kMiB; };
  EXPECT_TRUE(is_alarm(judged(sampled(5 * 3600, 10, kMiB, in_steps)).kind));
}

TEST(Verdict, ARunThatIsTooYoungIsJudgedByTheOneBefore) {
  Series series = leak_of_hours(6);
  double restart = 5.9 * 3600;
  for (Sample& sample : series.samples)
    if (static_cast<double>(sample.monotonic_ns) >= restart * 1e9) sample.value = 200 * kMiB;
  series.restarts_ns.push_back(static_cast<std::int64_t>(restart * 1e9));
  SeriesVerdict verdict = judged(series);
  EXPECT_EQ(verdict.kind, VerdictKind::kLeak) << said(verdict);
  EXPECT_NE(said(verdict).find("before the last restart"), std::string::npos) << said(verdict);
}

TEST(Verdict, RisingToWhereItSettledBeforeIsWarmingUp) {
  // A cache that fills evenly for two hours, in each of two runs; the second has just begun.
  double restart = 6 * 3600;
  Series series = sampled(7.2 * 3600, 10, kMiB, [&](double t) {
    double age = t < restart ? t : t - restart;
    return (100 + 300 * std::min(1.0, age / 7200)) * kMiB;
  });
  SeriesVerdict alone = judged(series);
  series.restarts_ns.push_back(static_cast<std::int64_t>(restart * 1e9));
  SeriesVerdict verdict = judged(series);
  EXPECT_EQ(verdict.kind, VerdictKind::kWarmingUp) << said(verdict);
  EXPECT_NE(said(verdict).find("settled at"), std::string::npos) << said(verdict);
  EXPECT_FALSE(is_alarm(alone.kind)) << said(alone);
}

TEST(Verdict, AJobThatComesBackIsOnNoNewGround) {
  // Ramps of two hours each five, the last of them under way.
  auto ramps = [](double t) {
    double place = std::fmod(t, 5 * 3600.0);
    return (200 + (place < 7200 ? 300 * place / 7200 : 0)) * kMiB;
  };
  SeriesVerdict verdict = judged(sampled(6.8 * 3600, 10, kMiB, ramps));
  EXPECT_FALSE(is_alarm(verdict.kind)) << said(verdict);
}

TEST(Verdict, TwoStepsCloseTogetherAreNoLeak) {
  for (double apart : {300.0, 900.0, 1800.0}) {
    auto steps = [&](double t) {
      return (200 + (t > 9000 ? 60 : 0) + (t > 9000 + apart ? 60 : 0)) * kMiB;
    };
    SeriesVerdict verdict = judged(sampled(5 * 3600, 10, kMiB, steps));
    EXPECT_FALSE(is_alarm(verdict.kind)) << apart << "\n" << said(verdict);
  }
}

TEST(Verdict, SeesALeakBehindAFall) {
  auto behind_fall = [](double t) {
    return (t < 8000 ? 500 : 250 + 100 * (t - 8000) / 12000) * kMiB;
  };
  SeriesVerdict verdict = judged(sampled(20000, 20, kMiB, behind_fall));
  EXPECT_TRUE(is_alarm(verdict.kind)) << said(verdict);
  EXPECT_NEAR(verdict.rate * 12000, 100 * kMiB, 5 * kMiB);
}

TEST(Verdict, SeesALeakUnderJobsThatOutlastABucket) {
  auto under_jobs = [](double t) {
    double place = std::fmod(t, 2400.0);
    return (200 + 40 * t / 24000 + (place > 1000 ? 150 + 40 * std::sin(t / 700) : 0)) * kMiB;
  };
  SeriesVerdict verdict = judged(sampled(24000, 20, kMiB, under_jobs));
  EXPECT_TRUE(is_alarm(verdict.kind)) << said(verdict);
}

TEST(Verdict, SmallButSureGrowthIsNotMaterial) {
  SeriesVerdict verdict = judged(sampled(
      6 * 3600, 10, 0.01 * kMiB, [](double t) { return 500 * kMiB + 2 * kMiB * t / (6 * 3600); }));
  EXPECT_FALSE(is_alarm(verdict.kind)) << said(verdict);
}

TEST(Verdict, DoesNotDependOnWhereTimeBeginsOrOnTheWallClock) {
  Series series = leak_of_hours(3);
  SeriesVerdict before = judged(series);
  for (Sample& sample : series.samples) {
    sample.monotonic_ns += 123'456'789'000'000'000;
    sample.wall_ns = 5 - sample.wall_ns;
  }
  SeriesVerdict after = judged(series);
  EXPECT_EQ(after.kind, before.kind);
  EXPECT_NEAR(after.rate, before.rate, 1e-6 * before.rate);
}

TEST(Verdict, ScalesWithTheSizeOfTheProgram) {
  for (double scale : {1.0, 8.0, 64.0}) {
    SeriesVerdict verdict = judged(sampled(4 * 3600, 10, scale * kMiB, [&](double t) {
      return scale * (200 + 60 * t / 3600) * kMiB;
    }));
    EXPECT_EQ(verdict.kind, VerdictKind::kLeak);
    EXPECT_NEAR(verdict.rate / scale, 60 * kMiB / 3600, kMiB / 3600);
  }
}

TEST(Verdict, OfTheSameSamplesIsTheSame) {
  SeriesVerdict first = judged(leak_of_hours(2));
  SeriesVerdict second = judged(leak_of_hours(2));
  EXPECT_EQ(first.evidence, second.evidence);
  EXPECT_EQ(first.rate, second.rate);
}

TEST(HostileSeries, EmptyAndSingleSamplesAreInconclusive) {
  EXPECT_EQ(judged({}).kind, VerdictKind::kInconclusive);
  EXPECT_NE(said(judged({})).find("no sample"), std::string::npos);
  Series one;
  one.samples.push_back({1, 1, 42});
  EXPECT_EQ(judged(one).kind, VerdictKind::kInconclusive);
  ASSERT_TRUE(judged(one).needs_s);
  one.restarts_ns = {0, 1, 1, 2, 9};
  EXPECT_EQ(judged(one).kind, VerdictKind::kInconclusive);
}

TEST(HostileSeries, UselessValuesAndTimesAreCounted) {
  Series series = leak_of_hours(6);
  std::size_t usable = series.samples.size();
  double nan = std::numeric_limits<double>::quiet_NaN();
  double infinite = std::numeric_limits<double>::infinity();
  for (double value : {nan, infinite, -infinite, -1.0, 1e300})
    series.samples.insert(series.samples.begin() + 100,
                          {series.samples[100].monotonic_ns, 0, value});
  series.samples.insert(series.samples.begin() + 200, {0, 0, 5});  // time goes backwards
  Diagnostics diagnostics;
  std::vector<monitor::Run> runs = runs_of(series, diagnostics);
  ASSERT_EQ(runs.size(), 1u);
  EXPECT_EQ(runs[0].points.size(), usable);
  EXPECT_EQ(diagnostics.counts().at("samples without a usable value"), 5u);
  EXPECT_EQ(diagnostics.counts().at("samples not later than the one before"), 1u);
  EXPECT_EQ(judged(series).kind, VerdictKind::kLeak);
}

TEST(HostileSeries, ClocksAtTheirEndsAndEqualTimesDoNoHarm) {
  Series series;
  series.samples = {{std::numeric_limits<std::int64_t>::min(), 0, 1},
                    {0, 0, 2},
                    {std::numeric_limits<std::int64_t>::max(), 0, 3}};
  EXPECT_EQ(judged(series).kind, VerdictKind::kInconclusive);
  series.samples.assign(1000, {5, 5, 100});
  EXPECT_EQ(judged(series).trend.samples, 1u);
}

TEST(HostileSeries, ConstantsSpikesAndExtremesEndInAWord) {
  for (double size : {0.0, 1.0, 1e18}) {
    SeriesVerdict verdict = judged(sampled(7200, 10, 0, [&](double) { return size; }));
    EXPECT_FALSE(is_alarm(verdict.kind)) << size;
    verdict = judged(sampled(7200, 10, 0, [&](double t) { return t == 3600 ? size : 5e7; }));
    EXPECT_FALSE(is_alarm(verdict.kind)) << size;
    verdict =
        judged(sampled(7200, 10, 0, [&](double t) { return std::fmod(t, 20) < 10 ? size : 0; }));
    EXPECT_FALSE(is_alarm(verdict.kind)) << size;
  }
}

TEST(HostileSeries, TenMillionSamplesTakeSeconds) {
  Series series;
  series.kind = SeriesKind::kLiveHeap;
  series.samples.reserve(10'000'000);
  for (std::int64_t i = 0; i < 10'000'000; ++i)
    series.samples.push_back(
        {i * 10'000'000, 0,
         2e8 + 40.0 * static_cast<double>(i % 1000) + 20.0 * static_cast<double>(i)});
  Stopwatch watch;
  SeriesVerdict verdict = judged(series);
  EXPECT_EQ(verdict.kind, VerdictKind::kLeak) << said(verdict);
  EXPECT_LT(watch.elapsed(), std::chrono::seconds(20));
}

TEST(VerdictText, RatesAreHourlyOrDailyAndCountsHaveNoUnit) {
  EXPECT_EQ(rate_text(SeriesKind::kLiveHeap, 12 * kMiB / 3600), "12.0 MiB/h");
  EXPECT_EQ(rate_text(SeriesKind::kLiveHeap, 12 * kMiB / kDay), "12.0 MiB/d");
  EXPECT_EQ(rate_text(SeriesKind::kLiveHeap, -12 * kMiB / 3600), "-12.0 MiB/h");
  EXPECT_EQ(rate_text(SeriesKind::kGoroutines, 0.5), "1,800/h");
  EXPECT_EQ(value_text(SeriesKind::kOpenFiles, 1024), "1,024 open files");
}

}  // namespace
}  // namespace seep::monitor
