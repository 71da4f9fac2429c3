// A reading of resident memory drawn by hand, for the tests of rules. Sizes are in MiB; what is not
// drawn of the RSS is live heap.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "analysis/rss/resident_rules.h"
#include "snapshot/resident_memory.h"

namespace seep::test {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20;

struct DrawnResident {
  snapshot::ResidentReading reading;
  std::string go_version = "go1.27.4";

  DrawnResident(std::uint64_t rss,
                std::initializer_list<std::pair<snapshot::Resident, std::uint64_t>> parts) {
    std::uint64_t left = rss;
    for (const auto& [account, size] : parts) {
      reading.memory[account] = size * kMiB;
      left -= std::min(left, size);
    }
    reading.memory[snapshot::Resident::kHeapLive] += left * kMiB;
    reading.memory.rss_bytes = rss * kMiB;
    reading.memory.heap_divided = true;
    reading.memory.pages_known = true;
    reading.facts.threads = 8;
    reading.facts.go.goroutines = 10;
    reading.facts.go.gc_percent = 100;
  }

  snapshot::ResidentFacts& facts() { return reading.facts; }
  analysis::ResidentEvidence evidence() const {
    return {reading.memory, reading.facts, go_version};
  }
  std::vector<analysis::Finding> causes() const {
    return analysis::find_resident_causes(evidence());
  }
  /// The first of them, or one without a scenario.
  analysis::Finding first() const {
    std::vector<analysis::Finding> all = causes();
    return all.empty() ? analysis::Finding{} : all.front();
  }
};

}  // namespace seep::test
