#include "analysis/goroutine_report.h"

#include <algorithm>
#include <tuple>

#include "analysis/goroutine_holdings.h"

namespace seep::analysis {
namespace {

using snapshot::Snapshot;
using snapshot::StackFrame;

OriginFrame frame_of(const Snapshot& snapshot, const StackFrame& frame, OriginRole role) {
  return {role, snapshot.strings.text(frame.function), snapshot.strings.text(frame.file),
          frame.line};
}

GoroutineRow row_of(const Snapshot& snapshot, const GoroutineGroup& group, ByteSize retained) {
  GoroutineRow row;
  row.group = group;
  row.retained = retained;
  row.wait_reason = snapshot.strings.text(group.wait_reason);
  OriginRole role = OriginRole::kBlocked;
  for (const StackFrame& frame : snapshot.stacks[group.stack]) {
    row.stack.push_back(frame_of(snapshot, frame, role));
    role = OriginRole::kCalledBy;
  }
  row.created_by = frame_of(snapshot, group.created_by, OriginRole::kStarted);
  return row;
}

}  // namespace

GoroutineReport report_goroutines(const graph::ObjectGraph& graph,
                                  const std::vector<GoroutineGroup>& groups, bool leaked_only) {
  GoroutineReport report;
  report.leaked_only = leaked_only;
  std::vector<GoroutineBundle> bundles;
  for (const GoroutineGroup& group : groups) {
    report.goroutines += group.members.size();
    bool leaked = group.verdict == GoroutineVerdict::kLeaked;
    if (leaked) report.leaked += group.members.size();
    if (leaked || !leaked_only) bundles.push_back({&group});
  }
  RootGroups held = holdings_of(graph, bundles);
  for (std::size_t i = 0; i < bundles.size(); ++i)
    report.rows.push_back(
        row_of(graph.snapshot(), *bundles[i].front(), held.exclusive()[i + 1].bytes));
  std::stable_sort(report.rows.begin(), report.rows.end(),
                   [](const GoroutineRow& a, const GoroutineRow& b) {
                     auto order = [](const GoroutineRow& row) {
                       return std::tuple(!row.group.system, row.group.verdict, row.retained,
                                         row.group.members.size());
                     };
                     return order(b) < order(a);
                   });
  return report;
}

}  // namespace seep::analysis
