// A process out of its series, when it will end, and why it did.
#include "monitor/process_verdict.h"

#include <gtest/gtest.h>

#include <cmath>

#include "monitor/oom_cause.h"
#include "monitor/random_source.h"

namespace seep::monitor {
namespace {

constexpr double kMiB = 1 << 20;

template <typename Shape>
Series sampled(SeriesKind kind, double window_s, double noise, Shape shape,
               std::uint64_t seed = 3) {
  RandomSource random(seed);
  Series series;
  series.kind = kind;
  for (double time = 0; time < window_s; time += 20) {
    std::int64_t now = static_cast<std::int64_t>(time * 1e9);
    series.samples.push_back({now, now, std::max(0.0, shape(time) + noise * random.normal())});
  }
  return series;
}

constexpr double kWindow = 6 * 3600;

Series steady(SeriesKind kind, double value, double noise) {
  return sampled(kind, kWindow, noise, [=](double) { return value; });
}

Series rising(SeriesKind kind, double value, double hourly, double noise) {
  return sampled(kind, kWindow, noise, [=](double t) { return value + hourly * t / 3600; });
}

ProcessVerdict judged(const ProcessSeries& process) {
  Diagnostics diagnostics;
  return judge_process(process, diagnostics);
}

std::string said(const std::vector<std::string>& evidence) {
  std::string text;
  for (const std::string& sentence : evidence) text += sentence + "\n";
  return text;
}

TEST(ProcessVerdict, ALeakOfTheHeapIsForetoldForTheMemoryLimit) {
  ProcessSeries process;
  process.memory_limit = 1600 * kMiB;
  process.limit_source = "cgroup";
  process.series = {rising(SeriesKind::kLiveHeap, 200 * kMiB, 60 * kMiB, kMiB),
                    rising(SeriesKind::kRss, 460 * kMiB, 120 * kMiB, 3 * kMiB)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.kind, VerdictKind::kLeak);
  EXPECT_EQ(verdict.leading, SeriesKind::kLiveHeap);
  ASSERT_TRUE(verdict.forecast);
  // RSS is at 1,180 MiB: 420 MiB are left, at 120 MiB an hour.
  EXPECT_NEAR(verdict.forecast->reached_s / 3600, 3.5, 0.15);
  EXPECT_LE(verdict.forecast->low_s, 3.5 * 3600);
  EXPECT_GE(verdict.forecast->high_s, 3.4 * 3600);
}

TEST(ProcessVerdict, WithoutRssTheHeapIsForetoldWithTheRuntimeBesideIt) {
  ProcessSeries process;
  process.memory_limit = 1000 * kMiB;
  process.series = {rising(SeriesKind::kLiveHeap, 200 * kMiB, 60 * kMiB, kMiB)};
  ProcessVerdict verdict = judged(process);
  ASSERT_TRUE(verdict.forecast);
  EXPECT_NEAR(verdict.forecast->reached_s / 3600, (1000 - 32 - 560) / 60.0, 0.3);
}

TEST(ProcessVerdict, GoroutinesLeadWhenTheyGrowWithTheHeap) {
  ProcessSeries process;
  process.series = {rising(SeriesKind::kLiveHeap, 200 * kMiB, 60 * kMiB, kMiB),
                    rising(SeriesKind::kGoroutines, 500, 2000, 20)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.leading, SeriesKind::kGoroutines);
  EXPECT_NE(said(verdict.evidence).find("grows with the goroutines"), std::string::npos);
}

TEST(ProcessVerdict, RssThatGrowsAloneIsGrowthOutsideOfTheHeap) {
  ProcessSeries process;
  process.series = {steady(SeriesKind::kLiveHeap, 200 * kMiB, kMiB),
                    rising(SeriesKind::kRss, 460 * kMiB, 120 * kMiB, 3 * kMiB)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.kind, VerdictKind::kLeak);
  EXPECT_EQ(verdict.leading, SeriesKind::kRss);
  EXPECT_NE(said(verdict.evidence).find("live heap does not"), std::string::npos);
}

TEST(ProcessVerdict, AHeapInUseThatFollowsTheGoalIsNotALeak) {
  ProcessSeries process;
  process.series = {steady(SeriesKind::kLiveHeap, 200 * kMiB, kMiB),
                    rising(SeriesKind::kHeapInUse, 300 * kMiB, 40 * kMiB, 3 * kMiB),
                    steady(SeriesKind::kRss, 600 * kMiB, 3 * kMiB)};
  EXPECT_EQ(judged(process).kind, VerdictKind::kHealthy);
}

TEST(ProcessVerdict, RssFarAboveTheHeapIsAGap) {
  ProcessSeries process;
  process.memory_limit = 2048 * kMiB;
  process.series = {steady(SeriesKind::kLiveHeap, 170 * kMiB, kMiB),
                    steady(SeriesKind::kRss, 1600 * kMiB, 5 * kMiB)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.kind, VerdictKind::kRssGap) << said(verdict.evidence);
  EXPECT_NE(said(verdict.evidence).find("are something else"), std::string::npos)
      << said(verdict.evidence);
}

TEST(ProcessVerdict, AStableSetAtItsLimitIsNearLimit) {
  ProcessSeries process;
  process.memory_limit = 500 * kMiB;
  process.limit_source = "cgroup";
  process.series = {steady(SeriesKind::kLiveHeap, 230 * kMiB, kMiB),
                    steady(SeriesKind::kRss, 470 * kMiB, 2 * kMiB)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.kind, VerdictKind::kNearLimit);
  EXPECT_NE(said(verdict.evidence).find("of the cgroup"), std::string::npos);
}

TEST(ProcessVerdict, AQuietOneIsHealthyAndNothingIsInconclusive) {
  ProcessSeries process;
  process.memory_limit = 2048 * kMiB;
  process.series = {steady(SeriesKind::kLiveHeap, 200 * kMiB, kMiB),
                    steady(SeriesKind::kRss, 450 * kMiB, 3 * kMiB),
                    steady(SeriesKind::kGoroutines, 40, 2), steady(SeriesKind::kOpenFiles, 30, 1)};
  EXPECT_EQ(judged(process).kind, VerdictKind::kHealthy);
  EXPECT_EQ(judged({}).kind, VerdictKind::kInconclusive);
}

TEST(ProcessVerdict, FilesAreForetoldForTheirOwnLimit) {
  ProcessSeries process;
  process.memory_limit = 2048 * kMiB;
  process.file_limit = 4096;
  process.series = {steady(SeriesKind::kLiveHeap, 200 * kMiB, kMiB),
                    rising(SeriesKind::kOpenFiles, 100, 200, 2)};
  ProcessVerdict verdict = judged(process);
  EXPECT_EQ(verdict.leading, SeriesKind::kOpenFiles);
  ASSERT_TRUE(verdict.forecast);
  EXPECT_EQ(verdict.forecast->limit, 4096);
  EXPECT_NEAR(verdict.forecast->reached_s / 3600, (4096 - 1300) / 200.0, 1);
}

TEST(Forecast, IsTheSameForTheSameSeriesAndOnlyForGrowthBelowALimit) {
  Diagnostics diagnostics;
  SeriesVerdict leak =
      judge(rising(SeriesKind::kRss, 400 * kMiB, 60 * kMiB, kMiB), 1000 * kMiB, diagnostics);
  std::optional<Forecast> first = forecast(leak, 1000 * kMiB);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->low_s, forecast(leak, 1000 * kMiB)->low_s);
  EXPECT_FALSE(forecast(leak, 0));
  EXPECT_FALSE(forecast(leak, 500 * kMiB));
  EXPECT_FALSE(forecast(judge(steady(SeriesKind::kRss, 4e8, 1e6), 0, diagnostics), 1e9));
}

TEST(Forecast, HoldsNineTimesInTen) {
  int held = 0;
  int given = 0;
  constexpr int kSeries = 80;
  for (std::uint64_t seed = 1; seed <= kSeries; ++seed) {
    auto leak = [](double t) { return (300 + 8 * t / 3600) * kMiB; };
    Series all = sampled(SeriesKind::kLiveHeap, 5 * kWindow, 4 * kMiB, leak, seed);
    Series seen = all;
    std::size_t window = seen.samples.size() / 5;
    seen.samples.resize(window);
    double limit = 480 * kMiB;  // near three windows later
    std::size_t reached = window;
    while (reached < all.samples.size() && all.samples[reached].value < limit) ++reached;
    if (reached == all.samples.size()) continue;
    double after =
        static_cast<double>(all.samples[reached].monotonic_ns - seen.samples.back().monotonic_ns) *
        1e-9;
    Diagnostics diagnostics;
    std::optional<Forecast> told = forecast(judge(seen, limit, diagnostics), limit);
    if (!told) continue;
    ++given;
    held += told->low_s <= after && after <= told->high_s;
    EXPECT_LT(told->high_s, 2 * told->low_s) << "seed " << seed;
  }
  EXPECT_GE(given, kSeries / 2);
  EXPECT_GE(held, given * 8 / 10);
}

OomAnswer cause_of(const Series& series, double limit, bool killed = false) {
  Diagnostics diagnostics;
  return oom_cause(series, limit, killed, diagnostics);
}

TEST(OomCause, ASteadyRiseToTheLimitIsALeak) {
  OomAnswer answer =
      cause_of(rising(SeriesKind::kRss, 400 * kMiB, 100 * kMiB, 2 * kMiB), 1000 * kMiB);
  EXPECT_EQ(answer.cause, OomCause::kLeak) << said(answer.evidence);
}

TEST(OomCause, AJumpFromAQuietLevelIsTooMuchData) {
  Series series = sampled(SeriesKind::kRss, kWindow, 2 * kMiB, [](double t) {
    return (t < kWindow - 120 ? 300 : 300 + 690 * (t - kWindow + 120) / 100) * kMiB;
  });
  OomAnswer answer = cause_of(series, 980 * kMiB);
  EXPECT_EQ(answer.cause, OomCause::kTooMuchData) << said(answer.evidence);
  // The kernel may have been quicker than the next sample.
  series.samples.resize(series.samples.size() - 2);
  EXPECT_FALSE(cause_of(series, 980 * kMiB).cause);
  EXPECT_EQ(cause_of(series, 980 * kMiB, true).cause, OomCause::kTooMuchData);
}

TEST(OomCause, AStableSetCloseBelowTheLimitIsALimitTooSmall) {
  Series series = sampled(SeriesKind::kRss, kWindow, 25 * kMiB, [](double) { return 900 * kMiB; });
  OomAnswer answer = cause_of(series, 960 * kMiB, true);
  EXPECT_EQ(answer.cause, OomCause::kLimitTooSmall) << said(answer.evidence);
}

TEST(OomCause, FarBelowTheLimitThereIsNone) {
  OomAnswer answer = cause_of(steady(SeriesKind::kRss, 300 * kMiB, kMiB), 1000 * kMiB);
  EXPECT_FALSE(answer.cause);
  EXPECT_NE(said(answer.evidence).find("has not run out"), std::string::npos);
  EXPECT_FALSE(cause_of({}, 1000).cause);
  EXPECT_FALSE(cause_of(steady(SeriesKind::kRss, 1, 0), 0).cause);
}

}  // namespace
}  // namespace seep::monitor
