// Why a process came to its end, if it was for want of memory: told from its last run, while it is
// watched or after the fact.
#pragma once

#include <optional>

#include "base/clock.h"
#include "monitor/oom_cause.h"
#include "monitor/series.h"
#include "monitor/verdict.h"
#include "monitor/watched_process.h"

namespace seep::monitor {

struct EndOfProcess {
  Series rss;            ///< of the run that ended, or of more; its restarts are marked
  Series cgroup_usage;   ///< as a series of the kind of RSS; may be empty
  double run_s = 0;      ///< how long the run was watched
  double limit = 0;      ///< bytes; 0: none is known
  bool counted = false;  ///< the kernel counted an oom_kill just then
  Instant when;
};

/// Nothing: not for want of memory, as far as can be seen.
std::optional<OomEnd> explain_end(const EndOfProcess& end, const VerdictRules& rules = {});

}  // namespace seep::monitor
