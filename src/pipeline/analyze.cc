// Read downwards: these are the steps from a snapshot to an answer.
#include "pipeline/analyze.h"

#include "analysis/analyses.h"
#include "analysis/evidence.h"
#include "analysis/goroutine_report.h"
#include "analysis/heap_report.h"
#include "analysis/rss_summary.h"
#include "analysis/verdict.h"
#include "graph/dominator_tree.h"
#include "graph/reachability.h"
#include "graph/type_inference.h"

namespace seep::pipeline {

using analysis::Analysis;
using analysis::Completeness;
using analysis::Diagnosis;
using analysis::Evidence;
using analysis::Extents;
using analysis::Finding;
using analysis::GoroutineGroup;
using analysis::GoroutineReport;
using analysis::HeapQuestion;
using analysis::HeapReport;
using analysis::LeakedGoroutines;
using analysis::ReportHead;
using graph::DominatorTree;
using graph::ObjectGraph;
using graph::Reachability;
using graph::TypeAssignment;
using snapshot::Snapshot;

namespace {

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

// What every question needs: what is alive, what can run, and what everything is.
struct Basis {
  TypeAssignment types;
  LeakedGoroutines leaked;
  std::vector<GoroutineGroup> groups;
  Reachability reachable;
  Completeness completeness;
};

Basis lay_basis(const ObjectGraph& graph, const AnalyzeOptions& options) {
  const Snapshot& snapshot = graph.snapshot();
  tell(options, Step::kInferTypes);
  TypeAssignment types = graph::infer_types(snapshot);

  // First from all that can run, then on from the rest: together one search of the whole heap.
  tell(options, Step::kBuildGraph);
  LeakedGoroutines leaked = analysis::find_leaked_goroutines(graph);
  Reachability reachable = leaked.live;
  reachable.add_all_roots();
  reachable.search();

  Completeness completeness = analysis::measure_completeness(snapshot, types, reachable);
  std::vector<GoroutineGroup> groups = analysis::group_goroutines(snapshot, leaked);
  return {std::move(types), std::move(leaked), std::move(groups), std::move(reachable),
          std::move(completeness)};
}

}  // namespace

Result<Diagnosis> diagnose(const Snapshot& snapshot, const AnalyzeOptions& options) {
  ObjectGraph graph(snapshot);
  Basis basis = lay_basis(graph, options);

  // Who alone keeps what alive, with the bytes that each retains.
  tell(options, Step::kDominators);
  DominatorTree dominators(graph);

  // Each analysis is a pure function of the evidence.
  tell(options, Step::kAnalyze);
  Extents extents = analysis::measure_extents(dominators, basis.types);
  Evidence evidence{snapshot,     graph,        basis.types,        dominators,
                    basis.leaked, basis.groups, basis.completeness, &extents};
  std::vector<Finding> findings;
  for (const Analysis& analysis : analysis::all_analyses())
    for (Finding& finding : analysis.run(evidence)) findings.push_back(std::move(finding));

  // One bug, one finding; the most important first.
  findings = analysis::merge_by_fingerprint(std::move(findings));
  analysis::rank(findings);

  Diagnosis diagnosis;
  diagnosis.rss = analysis::summarize_rss(snapshot, basis.completeness);
  diagnosis.hypotheses = {analysis::goroutines_hypothesis(evidence, findings),
                          analysis::heap_hypothesis(evidence, findings),
                          analysis::rss_hypothesis(diagnosis.rss)};
  diagnosis.verdict = analysis::verdict_of(evidence, findings);
  diagnosis.findings = std::move(findings);
  diagnosis.head = head_of(snapshot, std::move(basis.completeness), options);
  return diagnosis;
}

Result<HeapReport> explain_heap(const Snapshot& snapshot, const HeapQuestion& question,
                                const AnalyzeOptions& options) {
  ObjectGraph graph(snapshot);
  Basis basis = lay_basis(graph, options);

  tell(options, Step::kDominators);
  DominatorTree dominators(graph);

  tell(options, Step::kAnalyze);
  Evidence evidence{snapshot,     graph,        basis.types,       dominators,
                    basis.leaked, basis.groups, basis.completeness};
  HeapReport report = TRY(analysis::report_heap(evidence, basis.reachable, question));
  report.head = head_of(snapshot, std::move(basis.completeness), options);
  return report;
}

Result<GoroutineReport> explain_goroutines(const Snapshot& snapshot, bool leaked_only,
                                           const AnalyzeOptions& options) {
  ObjectGraph graph(snapshot);
  Basis basis = lay_basis(graph, options);

  tell(options, Step::kAnalyze);
  GoroutineReport report = analysis::report_goroutines(graph, basis.groups, leaked_only);
  report.head = head_of(snapshot, std::move(basis.completeness), options);
  return report;
}

}  // namespace seep::pipeline
