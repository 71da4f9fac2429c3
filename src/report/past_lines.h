// What happened to the programs of a store, for people: a line each, as a watch would have written
// them.
#pragma once

#include <span>
#include <string>

#include "monitor/past_events.h"

namespace seep::report {

/// By time; of very many the last.
std::string past_lines(std::span<const monitor::PastEvent> events);

}  // namespace seep::report
