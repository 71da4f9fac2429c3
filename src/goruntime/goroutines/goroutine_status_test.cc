#include "goruntime/goroutines/goroutine_status.h"

#include <gtest/gtest.h>

namespace seep::goruntime {
namespace {

using snapshot::GoroutineStatus;

TEST(GoroutineStatus, is_the_same_while_the_collector_looks_at_the_stack) {
  for (std::uint64_t status = 0; status < 12; ++status)
    EXPECT_EQ(goroutine_status(status), goroutine_status(0x1000 | status)) << status;
  EXPECT_EQ(goroutine_status(0x1004), GoroutineStatus::kWaiting);
}

TEST(GoroutineStatus, a_leaked_goroutine_is_one_and_what_is_kept_for_threads_of_c_is_none) {
  EXPECT_EQ(goroutine_status(10), GoroutineStatus::kLeaked);
  for (std::uint64_t none : {0u, 6u, 11u, 12u}) EXPECT_FALSE(goroutine_status(none)) << none;
}

}  // namespace
}  // namespace seep::goruntime
