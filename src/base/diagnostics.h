// What could not be read, counted. Skipping is allowed, silence is not: every report prints these.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace seep {

class Diagnostics {
 public:
  /// Counts something that was skipped or not as expected. `what` is a phrase that reads well after
  /// a number: "goroutine stacks not unwound", "pointers to free slots".
  void count(std::string_view what, std::uint64_t times = 1) {
    if (times == 0) return;
    auto found = counts_.find(what);
    if (found != counts_.end()) {
      found->second += times;
    } else {
      counts_.emplace(std::string(what), times);
    }
  }

  void merge(const Diagnostics& other) {
    for (const auto& [what, times] : other.counts_) count(what, times);
  }

  const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }

  bool operator==(const Diagnostics&) const = default;

 private:
  std::map<std::string, std::uint64_t, std::less<>> counts_;
};

}  // namespace seep
