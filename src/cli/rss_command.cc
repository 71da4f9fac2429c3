#include "cli/rss_command.h"

#include <algorithm>

#include "analysis/verdict.h"
#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/rss.h"
#include "report/json_reports.h"
#include "report/rss_text.h"
#include "snapshot/snapshot_file.h"

namespace seep::cli {
namespace {

Result<analysis::RssReport> explain(const Target& target, const std::string& name,
                                    ProgressLine& progress) {
  if (const LiveTarget* live = std::get_if<LiveTarget>(&target))
    return pipeline::explain_rss(live->pid, name);
  if (std::holds_alternative<CoreFileTarget>(target))
    return fail(ErrorKind::kUnsupported,
                "a core file does not tell which pages were resident; name a live process, or see: "
                "seep diagnose " +
                    name);
  snapshot::Snapshot snapshot =
      TRY(snapshot::read_snapshot_file(std::get<SnapshotFileTarget>(target).path));
  return pipeline::explain_rss(snapshot, {.target = name, .progress = progress.callback()});
}

}  // namespace

Result<CommandOutput> run_rss(const Arguments& arguments, const Terminal& terminal) {
  const std::string& name = arguments.positional().front();
  Target target = TRY(parse_target(name));
  ProgressLine progress(terminal.progress);
  analysis::RssReport report = TRY(explain(target, name, progress));

  CommandOutput output;
  output.text = arguments.has("--json") ? report::rss_json(report)
                                        : report::rss_text(report, text_style_of(terminal));
  if (std::any_of(report.findings.begin(), report.findings.end(), analysis::is_fault))
    output.status = ExitStatus::kFound;
  return output;
}

}  // namespace seep::cli
