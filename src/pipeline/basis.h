// The first steps of every analysis of a snapshot.
#pragma once

#include <vector>

#include "analysis/completeness.h"
#include "analysis/diagnosis.h"
#include "analysis/goroutine_groups.h"
#include "analysis/leaked_goroutines.h"
#include "graph/object_graph.h"
#include "graph/reachability.h"
#include "graph/type_inference.h"
#include "pipeline/analyze.h"

namespace seep::pipeline {

// What every question needs: what is alive, what can run, and what everything is.
struct Basis {
  graph::TypeAssignment types;
  analysis::LeakedGoroutines leaked;
  std::vector<analysis::GoroutineGroup> groups;
  graph::Reachability reachable;
  analysis::Completeness completeness;
};

/// `graph` outlives what comes back.
Basis lay_basis(const graph::ObjectGraph& graph, const AnalyzeOptions& options);

analysis::ReportHead head_of(const snapshot::Snapshot& snapshot,
                             analysis::Completeness completeness, const AnalyzeOptions& options);

void tell(const AnalyzeOptions& options, Step step);

}  // namespace seep::pipeline
