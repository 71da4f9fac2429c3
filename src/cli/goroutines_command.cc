#include "cli/goroutines_command.h"

#include "cli/progress_line.h"
#include "cli/target.h"
#include "cli/text_style_of.h"
#include "pipeline/analyze.h"
#include "report/goroutines_text.h"
#include "report/json_reports.h"

namespace seep::cli {

Result<CommandOutput> run_goroutines(const Arguments& arguments, const Terminal& terminal) {
  const std::string& target = arguments.positional().front();
  ProgressLine progress(terminal.progress);
  snapshot::Snapshot snapshot = TRY(
      load_target(target, {.files = program_files_of(arguments), .progress = progress.callback()}));
  analysis::GoroutineReport report = TRY(pipeline::explain_goroutines(
      snapshot, arguments.has("--leaked"), {.target = target, .progress = progress.callback()}));
  return CommandOutput{.text = arguments.has("--json")
                                   ? report::goroutines_json(report)
                                   : report::goroutines_text(report, text_style_of(terminal))};
}

}  // namespace seep::cli
