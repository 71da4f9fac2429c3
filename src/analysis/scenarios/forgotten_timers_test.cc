#include "analysis/scenarios/forgotten_timers.h"

#include <gtest/gtest.h>

#include "analysis/scenarios/unread_tickers.h"
#include "support/drawn_evidence.h"

namespace seep::analysis {
namespace {

using snapshot::Timer;
using snapshot::TimerKind;

// `count` timers, each with a channel; `kept` more whose channel a goroutine's variable leads to.
std::string timers(int count, int kept = 0) {
  std::string text = "root global main.config -> config:main.config[1024]\n";
  for (int i = 1; i <= count + kept; ++i) {
    std::string n = std::to_string(i);
    text += "root timer " + n + " -> t" + n + ":time.Ticker[80]\n" + "t" + n + ".C -> c" + n +
            ":chan time.Time[96]\n";
    if (i > count) text += "root global main.kept" + n + " -> c" + n + "\n";
  }
  return text;
}

class ForgottenTimers {
 public:
  ForgottenTimers(const std::string& text, const Timer& like) : drawn_(text) {
    const test::Drawing& drawing = drawn_.drawing;
    for (int i = 1; drawing.root("timer " + std::to_string(i)); ++i) {
      std::string n = std::to_string(i);
      Timer timer = like;
      timer.object = drawing.object("t" + n);
      timer.argument_object = drawing.object("c" + n);
      timer.root = drawing.root("timer " + n);
      timer.active = timer.held = true;
      snapshot().timers.push_back(timer);
    }
  }
  snapshot::Snapshot& snapshot() { return drawn_.drawing.snapshot; }
  std::vector<Finding> findings() { return find_forgotten_timers(drawn_.evidence()); }
  std::vector<Finding> unread() { return find_unread_tickers(drawn_.evidence()); }

 private:
  test::DrawnEvidence drawn_;
};

Timer ticking(double seconds) {
  Timer timer;
  timer.kind = TimerKind::kChannel;
  timer.period_seconds = timer.due_seconds = seconds;
  return timer;
}

Timer due_in(double seconds) {
  Timer timer;
  timer.kind = TimerKind::kChannel;
  timer.due_seconds = seconds;
  return timer;
}

TEST(ForgottenTimers, tickers_that_nobody_can_read_are_proven) {
  ForgottenTimers drawn(timers(20, 5), ticking(60));
  std::vector<Finding> found = drawn.findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scenario, "ticker");
  EXPECT_EQ(found[0].permanence, Permanence::kPermanent);
  EXPECT_EQ(found[0].confidence, Confidence::kProven);
  EXPECT_EQ(found[0].count, 20u);
  EXPECT_EQ(found[0].bytes.bytes(), 20u * (80 + 96));
  EXPECT_EQ(found[0].evidence[0].text, "1 min");
}

TEST(ForgottenTimers, a_single_ticker_is_only_possible) {
  ForgottenTimers drawn(timers(1), ticking(60));
  ASSERT_EQ(drawn.findings().size(), 1u);
  EXPECT_EQ(drawn.findings()[0].confidence, Confidence::kPossible);
}

TEST(ForgottenTimers, periods_are_told_the_usual_one_first) {
  ForgottenTimers drawn(timers(20), ticking(60));
  drawn.snapshot().timers[3].period_seconds = 5;
  EXPECT_EQ(drawn.findings()[0].evidence[0].text, "1 min (19), 5.0 s (1)");
}

TEST(ForgottenTimers, what_somebody_reads_or_the_runtime_does_not_keep_is_no_finding) {
  EXPECT_TRUE(ForgottenTimers(timers(0, 30), ticking(60)).findings().empty());
  ForgottenTimers stopped(timers(30), ticking(60));
  for (Timer& timer : stopped.snapshot().timers) timer.active = false;
  EXPECT_TRUE(stopped.findings().empty());
  ForgottenTimers collected(timers(30), ticking(60));
  for (Timer& timer : collected.snapshot().timers) timer.held = false;
  EXPECT_TRUE(collected.findings().empty());
  ForgottenTimers awaited(timers(30), ticking(60));
  for (Timer& timer : awaited.snapshot().timers) timer.waiting = 1;
  EXPECT_TRUE(awaited.findings().empty());
}

TEST(UnreadTickers, that_somebody_holds_are_told_with_their_holder) {
  std::string text = timers(12);
  for (int i = 1; i <= 12; ++i) {
    std::string n = std::to_string(i);
    text += "root global main.poller" + n + ":*main.poller -> p" + n + ":main.poller[16]\n" + "p" +
            n + ".ticker -> t" + n + "\n";
  }
  ForgottenTimers drawn(text, ticking(10));
  for (Timer& timer : drawn.snapshot().timers) {
    timer.buffered = timer.capacity = 1;
    timer.unread_seconds = 300;
  }
  EXPECT_TRUE(drawn.findings().empty());
  std::vector<Finding> found = drawn.unread();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scenario, "ticker");
  EXPECT_EQ(found[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(found[0].count, 12u);
  EXPECT_EQ(found[0].bytes.bytes(), 12u * (80 + 96));
  ASSERT_EQ(found[0].holder.size(), 2u);
  EXPECT_EQ(found[0].holder[0].type, "main.poller");
  EXPECT_EQ(found[0].holder[1].name, "ticker");
  for (Timer& timer : drawn.snapshot().timers) timer.unread_seconds = 45;
  EXPECT_TRUE(drawn.unread().empty());
}

TEST(ForgottenTimers, a_pile_of_timeouts_is_temporary) {
  ForgottenTimers drawn(timers(1200), due_in(30));
  drawn.snapshot().timers[7].due_seconds = 1;
  std::vector<Finding> found = drawn.findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scenario, "timer");
  EXPECT_EQ(found[0].permanence, Permanence::kTemporary);
  EXPECT_EQ(found[0].confidence, Confidence::kLikely);
  EXPECT_EQ(found[0].evidence[0].text, "the first in 1.0 s, the last in 30 s");
  ForgottenTimers few(timers(300), due_in(30));
  EXPECT_EQ(few.findings()[0].confidence, Confidence::kPossible);
  EXPECT_TRUE(ForgottenTimers(timers(40), due_in(30)).findings().empty()) << "no pile";
}

TEST(ForgottenTimers, calls_that_nobody_can_stop_are_possible_with_what_they_hold) {
  std::string text = "root global main.config -> config:main.config[1024]\n";
  for (int i = 1; i <= 120; ++i) {
    std::string n = std::to_string(i);
    text += "root timer " + n + " -> t" + n + ":time.Timer[80]\nt" + n + ".f -> c" + n +
            ":func main.expire.func1[32]\nc" + n + ".conn -> conn" + n + ":main.conn[16384]\nc" +
            n + ".config -> config\n";
  }
  Timer call = due_in(30);
  call.kind = TimerKind::kFunction;
  ForgottenTimers drawn(text, call);
  snapshot::StringId name = drawn.snapshot().strings.intern("main.expire.func1");
  for (Timer& timer : drawn.snapshot().timers) timer.function = name;
  std::vector<Finding> found = drawn.findings();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].scenario, "timer");
  EXPECT_EQ(found[0].confidence, Confidence::kPossible);
  EXPECT_EQ(found[0].count, 120u);
  EXPECT_EQ(found[0].bytes.bytes(), 120u * (80 + 32 + 16384));
  EXPECT_EQ(found[0].type, "main.conn");
}

}  // namespace
}  // namespace seep::analysis
