// What grew while a process was watched: the evidence over time that analyses look at beside the
// last snapshot. Worked out once, from what was kept of the snapshots before.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis.h"
#include "analysis/evidence.h"
#include "analysis/holder_classes.h"
#include "analysis/milestone.h"
#include "graph/heap_growth.h"

namespace seep::analysis {

/// The live heap as the program's own collector found it, read while it ran.
struct LiveSample {
  double at_s = 0;
  std::uint64_t bytes = 0;

  bool operator==(const LiveSample&) const = default;
};

/// A figure at the start, in the middle and at the end; the middle may be missing.
struct Course {
  double first = 0;
  std::optional<double> middle;
  double last = 0;

  double growth() const { return last - first; }
  bool operator==(const Course&) const = default;
};

enum class Trend : std::uint8_t {
  kSteady,    ///< less than can be told, or it fell in one half
  kTurnover,  ///< more came than went, but by far less than came and went
  kWarmUp,    ///< the second half grew by less than half of what the first did
  kGrew,      ///< from one snapshot to another; nothing tells whether it goes on
  kGrowing,   ///< in both halves
};

/// `least` is the smallest growth that means anything.
Trend trend_of(const Course& course, double least);

/// One holder, or several that hold alike, that was there all the time and holds more now.
struct GrowingHolder {
  std::uint32_t holder_class = 0;      ///< of HolderClasses
  std::vector<graph::NodeId> holders;  ///< largest growth first; not all, if there are many
  std::uint64_t holder_count = 0;
  Course bytes, objects;  ///< of what does not stand
  double kept_bytes = 0;  ///< came in the first half and is still there
  Trend trend = Trend::kSteady;

  bool several_roots() const { return holders.empty(); }
};

/// One go statement whose goroutines became more.
struct GrowingStart {
  std::string key;
  Course count;
  std::uint64_t kept = 0;                ///< started in the first half and still there
  std::vector<std::uint32_t> newcomers;  ///< indices into Snapshot::goroutines: started after the
                                         ///< first snapshot
  Trend trend = Trend::kSteady;
};

/// One stack of the heap profile that has more in use.
struct GrowingSite {
  std::string key;
  snapshot::StackId stack;
  Course bytes, objects;
  Trend trend = Trend::kSteady;
};

struct Growth {
  double seconds = 0;
  bool has_middle = false;
  /// The watch lasted as long as it was meant to.
  bool complete = true;
  Course live;                         ///< reachable bytes
  std::uint32_t collections = 0;       ///< of the program meanwhile
  ByteSize spread;                     ///< of the live heap around its trend
  ByteSize least;                      ///< growth of one holder that can be told from nothing
  ByteSize floor;                      ///< and from the spread
  std::vector<GrowingHolder> holders;  ///< largest growth first; also those that are no leak
  std::vector<GrowingStart> starts;    ///< the same
  std::vector<GrowingSite> sites;      ///< the same
  graph::HeapGrowth heap;
  HolderClasses classes;

  /// What did not grow is steady, as far as could be seen.
  bool is_conclusive() const { return has_middle && complete; }
  /// The class of the container that a standing node is or is a part of: the array of a slice may
  /// be replaced by a larger one, so the slice is the container, not its array. 0 for what several
  /// roots reach.
  std::uint32_t class_of_container(graph::NodeId holder, const Evidence& now) const;
};

struct WatchRecord {
  std::vector<Milestone> milestones;  ///< of earlier snapshots, one or two
  std::vector<LiveSample> samples;
  bool complete = true;
};

/// `now` is of the last snapshot; `record` has at least one milestone of the same process.
Growth measure_growth(const WatchRecord& record, const Evidence& now);

TimeSummary summarize(const Growth& growth);

/// How far the live heap strays from its trend.
ByteSize spread_of(const std::vector<LiveSample>& samples);

}  // namespace seep::analysis
