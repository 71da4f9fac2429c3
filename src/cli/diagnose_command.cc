#include "cli/diagnose_command.h"

#include <algorithm>

#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/analyze.h"
#include "report/diagnosis_text.h"
#include "report/json_reports.h"

namespace seep::cli {
namespace {

constexpr double kDefaultWatchSeconds = 30;

bool is_fault(const analysis::Finding& finding) {
  return !finding.informational && finding.confidence >= analysis::Confidence::kLikely;
}

}  // namespace

Result<CommandOutput> run_diagnose(const Arguments& arguments, const Terminal& terminal) {
  const std::string& target = arguments.positional().front();
  double watch_seconds = TRY(arguments.duration("--for", kDefaultWatchSeconds));
  ProgressLine progress(terminal.progress);
  snapshot::Snapshot snapshot = TRY(
      load_target(target, {.files = program_files_of(arguments), .progress = progress.callback()}));
  analysis::Diagnosis diagnosis =
      TRY(pipeline::diagnose(snapshot, {.target = target, .progress = progress.callback()}));

  CommandOutput output;
  output.text = arguments.has("--json")
                    ? report::diagnosis_json(diagnosis)
                    : report::diagnosis_text(diagnosis, text_style_of(terminal));
  if (std::any_of(diagnosis.findings.begin(), diagnosis.findings.end(), is_fault))
    output.status = ExitStatus::kFound;
  bool live = snapshot.program.kind == snapshot::TargetKind::kLive;
  if (live && watch_seconds > 0)
    output.note =
        "seep: watching over time is not built yet: this is one snapshot (as with --for 0)\n";
  return output;
}

}  // namespace seep::cli
