// Read downwards: these are the steps from a snapshot to an answer.
#include "pipeline/analyze.h"

#include "analysis/analyses.h"
#include "analysis/evidence.h"
#include "analysis/goroutine_report.h"
#include "analysis/heap_report.h"
#include "analysis/overlap.h"
#include "analysis/rss/resident_rules.h"
#include "analysis/rss/rss_summary.h"
#include "analysis/scenarios/goroutine_growth.h"
#include "analysis/scenarios/growing_container.h"
#include "analysis/scenarios/known_leak_match.h"
#include "analysis/verdict.h"
#include "graph/dominator_tree.h"
#include "pipeline/basis.h"

namespace seep::pipeline {

using analysis::Analysis;
using analysis::Diagnosis;
using analysis::Evidence;
using analysis::Extents;
using analysis::Finding;
using analysis::GoroutineReport;
using analysis::Growth;
using analysis::HeapQuestion;
using analysis::HeapReport;
using analysis::KnownLeaks;
using analysis::WatchRecord;
using graph::DominatorTree;
using graph::ObjectGraph;
using snapshot::Snapshot;

Result<Diagnosis> diagnose(const Snapshot& snapshot, const AnalyzeOptions& options) {
  Look look = TRY(diagnose_look(snapshot, {}, false, options));
  return std::move(look.diagnosis);
}

Result<Look> diagnose_look(const Snapshot& snapshot, const WatchRecord& before, bool keep_milestone,
                           const AnalyzeOptions& options) {
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
  KnownLeaks known_leaks = analysis::match_known_leaks(evidence);
  evidence.known_leaks = &known_leaks;
  std::optional<Growth> growth;
  if (!before.milestones.empty()) growth.emplace(analysis::measure_growth(before, evidence));
  if (growth) evidence.growth = &*growth;
  std::vector<Finding> findings;
  for (const Analysis& analysis : analysis::all_analyses())
    for (Finding& finding : analysis.run(evidence)) findings.push_back(std::move(finding));

  // One bug, one finding; the most important first.
  findings = analysis::merge_by_fingerprint(std::move(findings));
  analysis::leave_out_growing_retainers(findings);
  analysis::add_goroutine_pace(evidence, findings);
  analysis::add_resident_causes(snapshot, basis.completeness, findings);
  analysis::rank(findings);
  analysis::Together together = analysis::tell_overlaps(evidence, findings);

  Look look;
  if (keep_milestone) look.milestone = analysis::milestone_of(evidence);
  Diagnosis& diagnosis = look.diagnosis;
  diagnosis.rss = analysis::summarize_rss(snapshot, basis.completeness);
  diagnosis.hypotheses = {analysis::goroutines_hypothesis(evidence, findings),
                          analysis::heap_hypothesis(evidence, findings),
                          analysis::rss_hypothesis(diagnosis.rss, findings)};
  diagnosis.verdict = analysis::verdict_of(evidence, findings);
  diagnosis.findings = std::move(findings);
  diagnosis.together = together;
  if (growth) diagnosis.time = analysis::summarize(*growth);
  diagnosis.head = head_of(snapshot, std::move(basis.completeness), options);
  return look;
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
