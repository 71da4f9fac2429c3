// Which threads have nothing in hand, by the functions on their own stacks. Real threads: see
// tests/integration/in_motion_test.cc and random_blocking_test.cc.
#include "goruntime/goroutines/system_stacks.h"

#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>
#include <string>

namespace seep::goruntime {
namespace {

// Innermost function first.
bool is_idle(std::initializer_list<const char*> functions) {
  std::deque<Function> all;
  std::deque<FramePlan> plans;
  Walk walk;
  for (const char* name : functions) {
    all.emplace_back().name = std::string("runtime.") + name;
    plans.emplace_back().function = &all.back();
    walk.frames.push_back({.plan = &plans.back(), .sp = {}, .cfa = {}});
  }
  return is_idle_thread(walk);
}

TEST(SystemStacks, who_sleeps_until_there_is_work_is_idle) {
  EXPECT_TRUE(is_idle({"futex", "futexsleep", "notesleep", "stopm", "findrunnable", "schedule"}));
  EXPECT_TRUE(is_idle({"futex", "futexsleep", "mPark", "stopm", "findRunnable", "schedule"}));
  EXPECT_TRUE(is_idle({"futex", "futexsleep", "mPark", "stoplockedm", "schedule"}));
  EXPECT_TRUE(is_idle({"usleep", "sysmon", "mstart1"}));
  EXPECT_TRUE(is_idle({"netpoll", "findRunnable", "schedule"}));
}

TEST(SystemStacks, who_was_woken_and_sweeps_for_its_processor_is_not) {
  EXPECT_FALSE(is_idle({"queuefinalizer", "freeSpecial", "(*sweepLocked).sweep",
                        "(*mcentral).uncacheSpan", "(*mcache).releaseAll",
                        "(*mcache).prepareForSweep", "acquirep", "stopm", "findRunnable"}));
  // Waiting for the lock of the queue.
  EXPECT_FALSE(is_idle({"futex", "futexsleep", "lock2", "queuefinalizer", "freeSpecial", "acquirep",
                        "stopm", "findRunnable"}));
}

TEST(SystemStacks, who_makes_or_wakes_a_goroutine_is_not) {
  EXPECT_FALSE(is_idle({"newproc1", "newproc.func1", "systemstack"}));
  EXPECT_FALSE(is_idle({"futex", "futexwakeup", "notewakeup", "startm", "ready"}));
  EXPECT_FALSE(is_idle({"runtimer", "checkTimers", "findRunnable", "schedule"}));
  EXPECT_FALSE(is_idle({}));
}

}  // namespace
}  // namespace seep::goruntime
