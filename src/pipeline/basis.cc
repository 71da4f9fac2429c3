#include "pipeline/basis.h"

#include <utility>

namespace seep::pipeline {

using analysis::Completeness;
using analysis::GoroutineGroup;
using analysis::LeakedGoroutines;
using analysis::ReportHead;
using graph::ObjectGraph;
using graph::Reachability;
using graph::TypeAssignment;
using snapshot::Snapshot;

void tell(const AnalyzeOptions& options, Step step) {
  if (options.progress) options.progress(step);
}

ReportHead head_of(const Snapshot& snapshot, Completeness completeness,
                   const AnalyzeOptions& options) {
  return {.target = options.target,
          .program = snapshot.program,
          .freezes = {snapshot.freeze},
          .completeness = std::move(completeness)};
}

Basis lay_basis(const ObjectGraph& graph, const AnalyzeOptions& options) {
  const Snapshot& snapshot = graph.snapshot();
  tell(options, Step::kInferTypes);
  TypeAssignment types = graph::infer_types(snapshot);

  // First from all that can run, then on from the rest: together one search of the whole heap.
  tell(options, Step::kBuildGraph);
  LeakedGoroutines leaked = analysis::find_leaked_goroutines(graph);
  Reachability reachable = leaked.live_is_kept ? leaked.live : Reachability(graph);
  reachable.add_all_roots();
  reachable.search();

  Completeness completeness = analysis::measure_completeness(snapshot, types, reachable);
  std::vector<GoroutineGroup> groups = analysis::group_goroutines(snapshot, leaked);
  return {std::move(types), std::move(leaked), std::move(groups), std::move(reachable),
          std::move(completeness)};
}

}  // namespace seep::pipeline
