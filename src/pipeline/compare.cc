#include "pipeline/compare.h"

#include <algorithm>
#include <utility>

#include "analysis/growth.h"
#include "analysis/scenarios/goroutine_growth.h"
#include "analysis/scenarios/growing_container.h"
#include "analysis/scenarios/growing_site.h"
#include "graph/dominator_tree.h"
#include "pipeline/basis.h"

namespace seep::pipeline {

using analysis::DiffReport;
using analysis::DiffRow;
using analysis::Evidence;
using analysis::Finding;
using analysis::Growth;
using analysis::HeapSide;
using graph::DominatorTree;
using graph::ObjectGraph;
using snapshot::Snapshot;

namespace {

// Two instances of a program under one load differ by this without any fault.
constexpr double kChanceShare = 0.05;
constexpr double kChanceBytes = 256 << 10;

bool grew_by_more_than_chance(const DiffReport& report) {
  return std::ranges::any_of(report.holders, [](const DiffRow& row) {
    return row.growth() > kChanceBytes &&
           row.growth() > kChanceShare * static_cast<double>(row.before_bytes);
  });
}

std::vector<Finding> findings_of(const Evidence& evidence) {
  std::vector<Finding> findings = analysis::find_growing_containers(evidence);
  for (Finding& finding : analysis::find_goroutine_growth(evidence))
    findings.push_back(std::move(finding));
  for (Finding& finding : analysis::find_growing_sites(evidence))
    findings.push_back(std::move(finding));
  findings = analysis::merge_by_fingerprint(std::move(findings));
  analysis::rank(findings);
  return findings;
}

Result<> check_order(const HeapSide& before, const Snapshot& after) {
  std::uint64_t first = before.head.program.captured_unix_ms;
  if (first <= after.program.captured_unix_ms || after.program.captured_unix_ms == 0) return {};
  return fail(ErrorKind::kInvalidArgument, "BEFORE was taken after AFTER; exchange the two");
}

}  // namespace

Result<HeapSide> summarize(const Snapshot& snapshot, const AnalyzeOptions& options) {
  ObjectGraph graph(snapshot);
  Basis basis = lay_basis(graph, options);
  tell(options, Step::kDominators);
  DominatorTree dominators(graph);
  Evidence evidence{snapshot,     graph,        basis.types,       dominators,
                    basis.leaked, basis.groups, basis.completeness};
  HeapSide side = analysis::side_of(evidence, basis.reachable);
  side.head = head_of(snapshot, std::move(basis.completeness), options);
  return side;
}

Result<DiffReport> compare(HeapSide before, const Snapshot& after, const AnalyzeOptions& options) {
  analysis::SameProcess process = analysis::is_same_process(before.head.program, after.program);
  if (process.same) TRY(check_order(before, after));

  ObjectGraph graph(after);
  Basis basis = lay_basis(graph, options);
  tell(options, Step::kDominators);
  DominatorTree dominators(graph);
  Evidence evidence{after,        graph,        basis.types,       dominators,
                    basis.leaked, basis.groups, basis.completeness};

  tell(options, Step::kAnalyze);
  DiffReport report;
  report.same_process = process.same;
  analysis::add_rows(before, analysis::side_of(evidence, basis.reachable), report);
  report.before = std::move(before.head);
  if (process.same) {
    analysis::WatchRecord record{{std::move(before.milestone)}, {}, true};
    Growth growth = analysis::measure_growth(record, evidence);
    evidence.growth = &growth;
    report.seconds = growth.seconds;
    report.findings = findings_of(evidence);
    report.grew = !report.findings.empty();
  } else {
    report.grew = grew_by_more_than_chance(report);
    report.notes.push_back(
        "These are two processes: holders, types and sites are compared by name, and nothing tells "
        "which objects are old.");
  }
  if (process.presumed)
    report.notes.push_back(
        "Core files do not tell when a process started: by id and build this is one process.");
  report.after = head_of(after, std::move(basis.completeness), options);
  return report;
}

}  // namespace seep::pipeline
