// All evidence that analyses want, from a drawing. Header only: the support library is linked by
// the tests of rooms below analysis/ too.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/evidence.h"
#include "analysis/scenarios/known_leak_match.h"
#include "support/graph_notation.h"

namespace seep::test {

/// Not copied or moved: its parts refer to each other.
class DrawnEvidence {
 public:
  explicit DrawnEvidence(std::string_view text)
      : drawing(draw(text)),
        graph(drawing.snapshot),
        types(graph::infer_types(drawing.snapshot)),
        dominators(graph),
        leaked(analysis::find_leaked_goroutines(graph)),
        groups(analysis::group_goroutines(drawing.snapshot, leaked)),
        reachable(graph::reachable(graph)),
        completeness(analysis::measure_completeness(drawing.snapshot, types, reachable)),
        extents(analysis::measure_extents(dominators, types)) {
    known_leaks = analysis::match_known_leaks(evidence());
  }
  DrawnEvidence(const DrawnEvidence&) = delete;
  DrawnEvidence& operator=(const DrawnEvidence&) = delete;

  analysis::Evidence evidence() const {
    return {drawing.snapshot, graph,        types,    dominators, leaked,
            groups,           completeness, &extents, nullptr,    &known_leaks};
  }

  Drawing drawing;
  graph::ObjectGraph graph;
  graph::TypeAssignment types;
  graph::DominatorTree dominators;
  analysis::LeakedGoroutines leaked;
  std::vector<analysis::GoroutineGroup> groups;
  graph::Reachability reachable;
  analysis::Completeness completeness;
  analysis::Extents extents;
  analysis::KnownLeaks known_leaks;
};

}  // namespace seep::test
