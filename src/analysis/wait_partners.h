// Who was expected to wake goroutines: the other side of what they wait for.
//
// Only somebody who has a channel or lock can send, receive, close or unlock. So its possible
// partners are the goroutines whose variables refer to it, directly or through one object (a
// receiver, a closure, a context); and who ran the go statement had it as a rule, too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/goroutine_holdings.h"

namespace seep::analysis {

/// Goroutines at one place that have what others wait for.
struct WaitPartner {
  std::string place;   ///< function
  std::string reason;  ///< what they wait for themselves: "select"; empty if they can run
  std::uint64_t goroutines = 0;
  bool hangs = false;  ///< they can never run again either
};

struct WaitPartners {
  std::vector<WaitPartner> partners;  ///< most goroutines first
  std::string creator;                ///< function of the go statement; empty if unknown
  // Where those who ran it are now, each counted once for each goroutine they started.
  std::uint64_t creators_inside = 0;    ///< still in that function
  std::uint64_t creators_returned = 0;  ///< they have left it, or ended
  /// Types of the channels that are waited for: "chan main.answer". Not all where there are many.
  std::vector<std::string> waited_for;
  /// Some of it lies outside the heap, in a package variable, which everybody can use.
  bool outside_heap = false;

  bool any_can_run() const;
};

/// For each bundle. One pass over the variables of all goroutines.
std::vector<WaitPartners> wait_partners(const Evidence& evidence,
                                        const std::vector<GoroutineBundle>& bundles);

/// What would wake them, and where those are who could: "a receive from chan main.answer; main.ask,
/// which started them, has returned, and no goroutine has the channel".
std::string expected_text(const snapshot::Snapshot& snapshot, const GoroutineGroup& group,
                          const WaitPartners& partners);

}  // namespace seep::analysis
