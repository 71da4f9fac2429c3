// Why a process ran out of memory, told from its series after the fact: a leak that came to its
// end, one load of too much data, or a limit that was never enough for a stable working set.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitor/series.h"
#include "monitor/verdict.h"

namespace seep::monitor {

enum class OomCause { kLimitTooSmall, kTooMuchData, kLeak };

/// "limit-too-small": as in JSON.
std::string_view name_of(OomCause cause);

struct OomRules {
  VerdictRules series;
  double reached = 0.95;     ///< share of the limit that counts as running out
  double small_base = 0.75;  ///< share of the limit that a working set above it makes too small
  double quick = 0.15;       ///< share of the run that one load takes at most; or ten minutes
};

struct OomAnswer {
  std::optional<OomCause> cause;  ///< nothing if the data does not say
  std::vector<std::string> evidence;
};

/// `memory` is what counts against the limit, up to the end or the present: RSS, or the usage of
/// the cgroup. `killed`: the kernel counted an oom_kill at the end, so the limit was reached
/// whatever the last sample says.
OomAnswer oom_cause(const Series& memory, double limit, bool killed, Diagnostics& diagnostics,
                    const OomRules& rules = {});

}  // namespace seep::monitor
