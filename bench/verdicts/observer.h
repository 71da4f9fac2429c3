// From the memory that a program really holds, over time, to what a watch sees of it: sampled,
// noisy, with the teeth of the collector or the inertia of RSS, and with holes.
#pragma once

#include <functional>

#include "labelled_series.h"
#include "monitor/random_source.h"

namespace seep::bench {

using monitor::RandomSource;

/// What the program holds at a time; seconds from the start of the window.
using Holding = std::function<double(double)>;

struct Scene {
  monitor::SeriesKind kind = monitor::SeriesKind::kLiveHeap;
  double window_s = 0;
  double interval_s = 0;
  double level = 0;                    ///< typical holding at the start
  double white = 0;                    ///< deviation of the noise that each sample has anew
  double wander = 0;                   ///< deviation of the noise that stays for a while …
  double wander_time_s = 1;            ///< … of this length
  double tooth_s = 0;                  ///< between collections
  std::function<double(double)> goal;  ///< heap at a collection, as a multiple of what is live
  std::vector<double> restarts_s;

  double noise() const;  ///< deviation, both together
};

/// A window and a level, noise and a way of seeing that go with them; `days` lengthens it.
Scene some_scene(RandomSource& random, bool bytes = true);
Scene scene_of_days(RandomSource& random, double fewest, double most);

/// Samples the holding over the window; with a leak also behind it, until a limit is reached.
void observe(const Scene& scene, const Holding& holding, RandomSource& random,
             LabelledSeries& result);

}  // namespace seep::bench
