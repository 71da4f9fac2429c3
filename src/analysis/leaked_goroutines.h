// Which goroutines can never run again, proven by reachability alone.
//
// A goroutine that is blocked on a channel, lock, condition or wait group goes on only if another
// one acts on what it waits for, and nobody can act on what he cannot reach. So: start from all
// roots except the blocked goroutines; a blocked goroutine becomes live when something that it
// waits for is reached (or does not lie in the heap, where package variables are); then its stack
// is a root too; repeat until nothing changes. The rest can never run again. This is the rule of
// Go's own goroutineleak profile (Go 1.26+, runtime/mgc.go: isMaybeRunnable, findGoroutineLeaks;
// Saioc et al., "Dynamic Partial Deadlock Detection and Recovery via Garbage Collection", 2025).
//
// In some instructions of the runtime no pointer map tells who has what. A goroutine that was woken
// while its frozen copy was read (Goroutine::went_on) is live whatever is reached.
//
// A weak pointer counts as a pointer, other than in Go's profile, which runs with a collection that
// clears it: until the next one comes, who has the weak pointer can have the object.
//
//   root global main.jobs -> ch1            g7 waits for ch1: live, its stack becomes a root
//   goroutine 8 waits for ch2, holds ch2    nobody else reaches ch2: g8 can never run again
#pragma once

#include <cstdint>
#include <vector>

#include "base/bitmap.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"
#include "snapshot/snapshot.h"

namespace seep::analysis {

struct LeakedGoroutines {
  /// By index into Snapshot::goroutines. The first goroutine in `select {}` counts here although it
  /// is no leak: what only it reaches, nobody will ever act on.
  Bitmap never_runs_again;
  std::uint64_t count = 0;  ///< set bits
  /// What is reached by everything that can still run.
  graph::Reachability live;
  /// Blocked goroutines whose wait object could not be read; they were taken for live.
  std::uint64_t unknown_wait = 0;
  /// False if `live` has objects that only weak pointers lead to: the collector does not keep them.
  bool live_is_kept = true;
};

LeakedGoroutines find_leaked_goroutines(const graph::ObjectGraph& graph);

/// A main goroutine that only keeps the program running: `select {}`. Go's own profile leaves it
/// out of its report as well (runtime/mgc.go, findGoroutineLeaks, Go 1.26+).
bool is_parked_main(const snapshot::Goroutine& goroutine, const snapshot::Snapshot& snapshot);

/// Nothing is missing that could reach a goroutine said to hang: a stack that is not unwound to its
/// end is no gap (its words all count as pointers), but unread memory and registers are.
bool everything_was_read(const snapshot::Snapshot& snapshot);

}  // namespace seep::analysis
