#include "pipeline/rss.h"

#include <optional>
#include <utility>

#include "analysis/rss/resident_rules.h"
#include "analysis/rss/rss_summary.h"
#include "base/count_text.h"
#include "graph/object_graph.h"
#include "pipeline/basis.h"
#include "pipeline/go_process.h"
#include "pipeline/program_info.h"
#include "pipeline/resident.h"
#include "target/live_process.h"

namespace seep::pipeline {

using analysis::RssReport;
using snapshot::ResidentMemory;
using snapshot::ResidentReading;

namespace {

void add_memory(const ResidentMemory& memory, RssReport& report) {
  report.rss = analysis::summarize_rss(memory);
  report.heap_divided = memory.heap_divided;
  report.pages_known = memory.pages_known;
}

void add_notes(const Diagnostics& diagnostics, RssReport& report) {
  for (const auto& [what, count] : diagnostics.counts())
    report.notes.push_back(count_text(count) + " " + what);
}

std::optional<elf::BuildInfo> go_build(pid_t pid) {
  GoProcessFinder finder;
  Result<std::optional<GoProcess>> process = finder.find(pid);
  if (!process || !*process) return std::nullopt;
  return (*process)->file->build;
}

}  // namespace

Result<RssReport> explain_rss(pid_t pid, const std::string& target) {
  TRY(target::LiveProcess::open(pid));
  Diagnostics diagnostics;
  ResidentReading reading = TRY(read_resident(pid, diagnostics));

  RssReport report;
  report.target = target;
  report.program = describe_process(pid, go_build(pid));
  snapshot::RuntimeStatistics limits;
  limits.memory_limit = reading.facts.go.memory_limit;
  choose_limit(pid, limits, report.program);
  // One figure in the whole report: the one that the accounts add up to.
  report.program.rss_bytes = reading.memory.rss_bytes;

  add_memory(reading.memory, report);
  report.findings =
      analysis::find_resident_causes({reading.memory, reading.facts, report.program.go_version});
  if (report.program.go_version.empty())
    report.notes.push_back("it is no Go program: the kernel alone says what its memory is");
  add_notes(diagnostics, report);
  return report;
}

Result<RssReport> explain_rss(const snapshot::Snapshot& snapshot, const AnalyzeOptions& options) {
  if (!snapshot.resident)
    return fail(ErrorKind::kUnsupported,
                "nothing in it tells which pages were resident; name a live process, or see: seep "
                "diagnose " +
                    options.target);
  graph::ObjectGraph graph(snapshot);
  Basis basis = lay_basis(graph, options);

  tell(options, Step::kAnalyze);
  RssReport report;
  report.target = options.target;
  report.program = snapshot.program;
  report.program.rss_bytes = snapshot.resident->memory.rss_bytes;
  report.from_file = true;
  add_memory(analysis::divide_heap(snapshot.resident->memory, basis.completeness), report);
  report.findings = analysis::find_resident_causes(snapshot, basis.completeness);
  add_notes(snapshot.resident->diagnostics, report);
  return report;
}

}  // namespace seep::pipeline
