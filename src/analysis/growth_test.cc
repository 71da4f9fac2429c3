#include "analysis/growth.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "analysis/scenarios/goroutine_growth.h"
#include "analysis/scenarios/growing_container.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

TEST(Trend, growth_in_both_halves_is_growing) {
  EXPECT_EQ(trend_of({0, 100, 200}, 50), Trend::kGrowing);
  EXPECT_EQ(trend_of({0, 100, 150}, 50), Trend::kGrowing);
}

TEST(Trend, growth_that_slows_down_or_stops_is_warm_up) {
  EXPECT_EQ(trend_of({0, 100, 149}, 50), Trend::kWarmUp);
  EXPECT_EQ(trend_of({0, 100, 100}, 50), Trend::kWarmUp);
}

TEST(Trend, what_is_small_or_fell_in_between_is_steady) {
  EXPECT_EQ(trend_of({100, 110, 120}, 50), Trend::kSteady);
  EXPECT_EQ(trend_of({100, 50, 200}, 50), Trend::kSteady);
  EXPECT_EQ(trend_of({200, 150, 100}, 50), Trend::kSteady);
}

TEST(Trend, two_snapshots_tell_that_it_grew_not_that_it_goes_on) {
  EXPECT_EQ(trend_of({0, {}, 200}, 50), Trend::kGrew);
}

TEST(Spread, a_straight_line_has_none_and_a_saw_has_some) {
  EXPECT_EQ(spread_of({{0, 100}, {1, 200}, {2, 300}}), ByteSize(0));
  EXPECT_EQ(spread_of({}), ByteSize(0));
  EXPECT_GT(spread_of({{0, 1000}, {1, 2000}, {2, 1000}, {3, 2000}}), ByteSize(400));
}

// A map whose sessions have the places s0 ... s9, of which the first `sessions` are in it.
std::string with_sessions(int sessions) {
  std::string text = "object m:map[string]*main.session[96]\n";
  for (int i = 0; i < 10; ++i) text += "object s" + std::to_string(i) + ":main.session[131072]\n";
  text += "root global main.sessions:map[string]*main.session -> m\nm";
  for (int i = 0; i < sessions; ++i) text += (i == 0 ? " -> s" : ", s") + std::to_string(i);
  return sessions == 0 ? text.substr(0, text.rfind('\n') + 1) : text + "\n";
}

class Looks {
 public:
  Looks(const std::string& first, const std::string& middle, const std::string& now,
        double seconds = 0)
      : first_(first), middle_(middle), now_(now) {
    record_.milestones.push_back(milestone_of(first_.evidence()));
    record_.milestones.push_back(milestone_of(middle_.evidence()));
    growth_ = std::make_unique<Growth>(measure_growth(record_, now_.evidence()));
    growth_->seconds = seconds;
  }

  Evidence evidence() const {
    Evidence evidence = now_.evidence();
    evidence.growth = growth_.get();
    return evidence;
  }

 private:
  test::DrawnEvidence first_, middle_, now_;
  WatchRecord record_;
  std::unique_ptr<Growth> growth_;
};

TEST(GrowingContainer, a_map_that_gains_in_both_halves_is_named) {
  Looks looks(with_sessions(2), with_sessions(5), with_sessions(8));
  std::vector<Finding> findings = find_growing_containers(looks.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].scenario, "growing-container");
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].type, "main.session");
  EXPECT_EQ(findings[0].count, 8u);
  EXPECT_EQ(findings[0].bytes, ByteSize(8 * 131072 + 96));
  ASSERT_FALSE(findings[0].holder.empty());
  EXPECT_EQ(findings[0].holder.front().name, "main.sessions");
}

TEST(GrowingContainer, a_map_that_fills_and_stops_is_silent) {
  Looks looks(with_sessions(2), with_sessions(8), with_sessions(8));
  EXPECT_TRUE(find_growing_containers(looks.evidence()).empty());
}

TEST(GrowingContainer, one_snapshot_says_nothing) {
  test::DrawnEvidence drawn(with_sessions(8));
  EXPECT_TRUE(find_growing_containers(drawn.evidence()).empty());
}

// `pinned` is in use by a channel that main.jobs keeps, so that its goroutines may go on.
std::string with_goroutines(int goroutines) {
  std::string text = "root global main.jobs -> c:chan int[96]\n";
  for (int i = 0; i < goroutines; ++i)
    text += "goroutine " + std::to_string(100 + i) +
            " waiting chan c in main.work@work.go:7 by main.start\n";
  return text;
}

TEST(GoroutineGrowth, a_go_statement_that_gains_in_both_halves_is_named) {
  Looks looks(with_goroutines(5), with_goroutines(20), with_goroutines(35));
  std::vector<Finding> findings = find_goroutine_growth(looks.evidence());
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].confidence, Confidence::kLikely);
  EXPECT_EQ(findings[0].count, 35u);
  ASSERT_FALSE(findings[0].origin.empty());
  EXPECT_EQ(findings[0].origin.front().function, "main.work");
  EXPECT_EQ(findings[0].origin.back().function, "main.start");
}

TEST(GoroutineGrowth, a_pool_that_has_started_its_workers_is_silent) {
  Looks looks(with_goroutines(5), with_goroutines(35), with_goroutines(35));
  EXPECT_TRUE(find_goroutine_growth(looks.evidence()).empty());
}

TEST(GoroutineGrowth, findings_about_goroutines_of_one_go_statement_get_its_pace) {
  Looks looks(with_goroutines(5), with_goroutines(20), with_goroutines(35), 10);
  Evidence evidence = looks.evidence();
  std::vector<Finding> findings = find_goroutine_growth(evidence);
  ASSERT_EQ(findings.size(), 1u);
  findings[0].scenario = "hung-goroutine";
  findings[0].growth_count_per_s.reset();
  add_goroutine_pace(evidence, findings);
  EXPECT_EQ(findings[0].growth_count_per_s, 3.0);
}

}  // namespace
}  // namespace seep::analysis
