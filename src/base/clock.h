// Elapsed time, for what seep reports about its own cost, and what time it is.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>

namespace seep {

class Stopwatch {
 public:
  Stopwatch() : start_(std::chrono::steady_clock::now()) {}

  std::chrono::duration<double, std::milli> elapsed() const {
    return std::chrono::steady_clock::now() - start_;
  }

 private:
  std::chrono::steady_clock::time_point start_;
};

/// An instant on two clocks. Intervals are taken from the first, which nobody sets and which goes
/// on while the machine sleeps; the second is for people.
struct Instant {
  std::int64_t boot_ns = 0;  ///< CLOCK_BOOTTIME
  std::int64_t wall_ns = 0;  ///< since 1970

  static Instant now() { return {read(CLOCK_BOOTTIME), read(CLOCK_REALTIME)}; }

 private:
  static std::int64_t read(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
};

}  // namespace seep
