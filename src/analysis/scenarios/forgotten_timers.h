// Tickers and timers that the runtime keeps although nobody can stop or read them any more.
//
// The runtime's lists are roots: a timer in them stays, with its channel or function, whoever else
// forgets it. A runtime that keeps channel timers only while somebody waits for them has no such
// leak; the capture says of each timer whether it is in the lists.
#pragma once

#include <vector>

#include "analysis/evidence.h"
#include "analysis/finding.h"

namespace seep::analysis {

/// A timer of a channel that is reached through the timer alone: nobody can read or stop it.
bool is_forgotten(const Evidence& evidence, const snapshot::Timer& timer);

/// Scenarios "ticker" and "timer".
std::vector<Finding> find_forgotten_timers(const Evidence& evidence);

}  // namespace seep::analysis
