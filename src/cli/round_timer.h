// Waits for the next round of a watch, or for something to happen before it.
#pragma once

#include <csignal>
#include <cstdint>

#include "base/result.h"

namespace seep::cli {

enum class WaitEnd {
  kTime,
  kInput,   ///< the file has something to read
  kSignal,  ///< the window has another size
  kStop,    ///< Ctrl-C, or an order to end
};

/// While it lives, SIGINT and SIGTERM do not end seep but the wait; the second one ends seep, which
/// leaves all it looked at as it was.
class RoundTimer {
 public:
  static Result<RoundTimer> make();
  RoundTimer(RoundTimer&& other) noexcept;
  RoundTimer& operator=(RoundTimer&&) = delete;
  RoundTimer(const RoundTimer&) = delete;
  ~RoundTimer();

  /// Until an instant of CLOCK_BOOTTIME, which a machine that slept may have passed. `input`: -1 is
  /// none.
  WaitEnd wait_until(std::int64_t boot_ns, int input) const;

 private:
  explicit RoundTimer(int timer);

  int timer_;
  struct sigaction before_[3]{};
};

}  // namespace seep::cli
