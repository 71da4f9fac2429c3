// One row an analysis. A new scenario is a file, its test, a row here and a page in docs/findings/.
#include "analysis/analyses.h"

#include "analysis/scenarios/defer_pileup.h"
#include "analysis/scenarios/finalizer_cycle.h"
#include "analysis/scenarios/finalizer_queue.h"
#include "analysis/scenarios/forgotten_timers.h"
#include "analysis/scenarios/garbage.h"
#include "analysis/scenarios/goroutine_growth.h"
#include "analysis/scenarios/goroutine_pileup.h"
#include "analysis/scenarios/growing_container.h"
#include "analysis/scenarios/growing_site.h"
#include "analysis/scenarios/hung_goroutine.h"
#include "analysis/scenarios/known_leak.h"
#include "analysis/scenarios/large_retainer.h"
#include "analysis/scenarios/lost_elements.h"
#include "analysis/scenarios/map_not_shrunk.h"
#include "analysis/scenarios/stuck_goroutine.h"
#include "analysis/scenarios/subslice.h"
#include "analysis/scenarios/substring.h"
#include "analysis/scenarios/unread_tickers.h"

namespace seep::analysis {

const std::vector<Analysis>& all_analyses() {
  static const std::vector<Analysis> analyses = {
      {"hung-goroutine", "goroutines that can never run again", find_hung_goroutines},
      {"known-leak", "leaks of well-known packages", find_known_leaks},
      {"hung-goroutine", "goroutines that have waited long", find_stuck_goroutines},
      {"goroutine-pileup", "many goroutines at one place", find_goroutine_pileups},
      {"substring", "small strings that keep large blocks", find_substrings},
      {"subslice", "small slices that keep large arrays", find_subslices},
      {"lost-elements", "pointers in elements that no slice reaches any more", find_lost_elements},
      {"timer", "tickers and timers that nobody can stop", find_forgotten_timers},
      {"ticker", "tickers that nobody reads", find_unread_tickers},
      {"finalizer-cycle", "finalizers that can never run", find_finalizer_cycles},
      {"finalizer-queue", "finalizers that wait behind one that blocks", find_blocked_finalizers},
      {"defer-pileup", "calls deferred in a loop", find_deferred_pileups},
      {"map-not-shrunk", "maps far larger than what they hold", find_maps_not_shrunk},
      {"goroutine-growth", "one go statement whose goroutines become more", find_goroutine_growth},
      {"growing-container", "what grows from snapshot to snapshot", find_growing_containers},
      {"growing-site", "code that has more and more in use", find_growing_sites},
      {"large-retainer", "who holds a large share of the heap", find_large_retainers},
      {"garbage", "memory that the next collection frees", find_garbage},
  };
  return analyses;
}

}  // namespace seep::analysis
