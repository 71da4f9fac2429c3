// What time it was in a program that says no time of its own: a core file.
//
// Goroutines and timers keep times of the monotonic clock, and only the kernel knows what it showed
// when the program ended. The runtime writes down the clock itself now and then, and the latest of
// these notes is the best lower bound: sysmon notes for each P when it last found it busy (up to
// every 10 ms while anything runs), the collector when a cycle ended (every two minutes at least,
// unless GOGC is off). So waits in a core are "at least", short by a moment in a busy program and
// by two minutes or so in an idle one.
//
// Sources: runtime/proc.go (sysmon, retake: sysmontick), mgc.go (gcMarkTermination).
#pragma once

#include <cstdint>

#include "goruntime/layout/runtime_layout.h"
#include "target/memory_reader.h"

namespace seep::goruntime {

/// Nanoseconds of CLOCK_MONOTONIC; 0 if nothing is noted.
std::uint64_t last_noted_instant(const target::MemoryReader& memory, const RuntimeLayout& layout,
                                 const RuntimeVariables& variables);

}  // namespace seep::goruntime
