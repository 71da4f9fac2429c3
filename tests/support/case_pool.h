// Many cases that may crash, hang or eat memory, each named by its seed: run in child processes, so
// that the test goes on and tells which seed it was.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace seep::test {

struct CaseBounds {
  std::chrono::seconds time{10};      ///< of processors
  std::chrono::seconds deadline{60};  ///< of the clock: then the case is killed
  std::uint64_t memory_bytes = 0;     ///< resident at most, beyond what the child began with
  std::uint64_t address_bytes = 0;    ///< of address space, also without touching it; 0: no bound
};

struct CaseOutcome {
  bool refused = false;  ///< a proper error: nothing was answered
  std::string wrong{};   ///< what must not be; empty if the case is fine
};

struct CaseFailure {
  std::uint64_t seed = 0;
  std::string what;
};

struct CaseReport {
  std::uint64_t cases = 0;
  std::uint64_t refused = 0;
  double slowest_s = 0;  ///< of processors, which others' load leaves alone
  std::uint64_t slowest_seed = 0;
  std::uint64_t largest_bytes = 0;  ///< resident, beyond what the child began with
  std::uint64_t largest_seed = 0;
  std::vector<CaseFailure> failures;  ///< the first 50

  /// "2,500 cases: ..."
  std::string text() const;
};

/// Runs the seeds first ... first + count - 1 in `children` processes at once.
CaseReport run_cases(std::uint64_t first, std::uint64_t count, unsigned children,
                     const CaseBounds& bounds,
                     const std::function<CaseOutcome(std::uint64_t seed)>& run);

}  // namespace seep::test
