// One word for a process out of the verdicts of its series. The live heap decides where it is
// known, because it has neither the teeth of the collector nor the inertia of RSS; RSS decides
// about what lies outside of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "monitor/forecast.h"
#include "monitor/verdict.h"

namespace seep::monitor {

struct ProcessSeries {
  std::vector<Series> series;  ///< of different kinds
  double memory_limit = 0;     ///< bytes, of cgroup or host; 0: none known
  std::string limit_source;    ///< "cgroup", "host"
  double go_limit = 0;         ///< GOMEMLIMIT; 0: none
  double file_limit = 0;       ///< RLIMIT_NOFILE; 0: none known
};

struct ProcessRules {
  VerdictRules series;
  double near_limit = 0.9;               ///< share of the limit
  double gap_share = 0.5;                ///< RSS above what Go accounts for, as a share of that …
  double gap_bytes = 128.0 * (1 << 20);  ///< … and at least
};

struct ProcessVerdict {
  VerdictKind kind = VerdictKind::kInconclusive;
  std::optional<SeriesKind> leading;  ///< the series that it rests on
  std::vector<SeriesVerdict> series;
  std::optional<Forecast> forecast;   ///< of the limit that is reached first
  std::vector<std::string> evidence;  ///< beside that of the series
};

ProcessVerdict judge_process(const ProcessSeries& process, Diagnostics& diagnostics,
                             const ProcessRules& rules = {});

}  // namespace seep::monitor
