// What watches have said of processes that run, from their stores: the trend that one look at a
// process cannot tell.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"

namespace seep::pipeline {

class KnownVerdicts {
 public:
  /// Of the processes of this boot that the store's watch has seen within the last two hours: twice
  /// as long as the longest interval between two samples. Where two stores know one, the later
  /// counts. Fails like Store::open_to_read.
  Result<void> add(const std::string& store, const std::string& boot_id, Instant now);

  /// "growing", as in JSON; empty: nothing is known.
  std::string of(std::uint32_t pid, std::uint64_t start_ticks) const;

 private:
  struct Verdict {
    std::int64_t last_ns = 0;
    std::string word;
  };
  std::map<std::pair<std::uint32_t, std::uint64_t>, Verdict> verdicts_;
};

}  // namespace seep::pipeline
