// A verdict's numbers as sentences.
#pragma once

#include <string>

#include "monitor/verdict.h"

namespace seep::monitor {

/// "24.4 MiB", "48,050 goroutines".
std::string value_text(SeriesKind kind, double value);

/// "12 MiB/h"; per day where an hour brings less than one.
std::string rate_text(SeriesKind kind, double per_second);

std::string restarts_text(std::size_t restarts);
std::string earlier_run_text(std::size_t restarts_since);

std::string settled_before_text(SeriesKind kind, double level);

/// Fills `evidence` from the verdict's numbers.
void describe(SeriesVerdict& verdict, const VerdictRules& rules);

}  // namespace seep::monitor
