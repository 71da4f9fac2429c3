// When the rounds of a watch are: at equal distances, with one at its end. A round that took too
// long, or a machine that slept, makes a gap and no crowd behind it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace seep::cli {

/// Times are CLOCK_BOOTTIME.
class RoundPace {
 public:
  RoundPace(std::int64_t start_ns, std::int64_t interval_ns,
            std::optional<std::int64_t> length_ns = std::nullopt)
      : next_ns_(start_ns), interval_ns_(interval_ns) {
    if (length_ns) end_ns_ = start_ns + *length_ns;
  }

  std::int64_t next_ns() const { return next_ns_; }
  bool is_due(std::int64_t now_ns) const { return now_ns >= next_ns_; }

  /// A round that began at `began_ns` is done. False: it was the last.
  bool go_on(std::int64_t began_ns, std::int64_t now_ns) {
    if (end_ns_ && began_ns >= *end_ns_) return false;
    next_ns_ += interval_ns_;
    if (next_ns_ <= now_ns) next_ns_ += ((now_ns - next_ns_) / interval_ns_ + 1) * interval_ns_;
    if (end_ns_) next_ns_ = std::min(next_ns_, std::max(*end_ns_, began_ns + 1));
    return true;
  }

 private:
  std::int64_t next_ns_;
  std::int64_t interval_ns_;
  std::optional<std::int64_t> end_ns_;
};

}  // namespace seep::cli
